//! The library that a file describes. Its rules are the core's own ([`warung_domain`]), so that every fault is told before
//! anything is written; what is checked here besides is what only a file can get wrong.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc};
use chrono_tz::Tz;
use warung_domain::{
    category::CategoryInput,
    init_data::MAX_TELEGRAM_ID,
    library::{EpisodeAccess, EpisodeInput, SecretUrl, TitleInput, VideoSource},
    membership::Membership,
    violation::Violations,
};

use super::{
    fault::{Faults, Position},
    fields::{Fields, did_you_mean},
    shop::{Product, product},
    tree::{Node, join},
};

const SECTIONS: &[&str] = &["categories", "titles", "memberships", "product_categories", "products"];
const CATEGORY: &[&str] = &["code", "name", "emoji"];
const TITLE: &[&str] = &["code", "name", "synopsis", "category", "poster", "year", "hidden", "episodes"];
const EPISODE: &[&str] = &["number", "name", "access", "duration", "video"];
const VIDEO: &[&str] = &["file_id", "chat_id", "message_id", "url"];
const MEMBERSHIP: &[&str] = &["telegram_id", "until"];

/// All that a file describes.
#[derive(Debug, Default)]
pub(super) struct Library<'a> {
    pub(super) categories: Vec<Item<'a, CategoryInput>>,
    pub(super) titles: Vec<Item<'a, Title>>,
    pub(super) memberships: Vec<Item<'a, Member>>,
    pub(super) product_categories: Vec<Item<'a, CategoryInput>>,
    pub(super) products: Vec<Item<'a, Product>>,
}

/// A title, and where its picture is.
#[derive(Debug)]
pub(super) struct Title {
    /// Its poster is filled in when the picture is known.
    pub(super) input: TitleInput,
    /// As the file has it; empty for none.
    pub(super) poster: String,
}

/// A member, and how long they are one.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) telegram_id: i64,
    pub(super) until: DateTime<Utc>,
}

/// A thing of the file and its place there.
#[derive(Debug)]
pub(super) struct Item<'a, T> {
    pub(super) value: T,
    node: &'a Node,
    path: String,
}

impl<T> Item<'_, T> {
    /// Where the file has a field of the API, and what it calls it there.
    pub(super) fn locate(&self, field: &str) -> (Position, String) {
        let mut place = Some(self.node);
        let mut found = self.node.position;
        let mut path = self.path.clone();
        for part in field.split(['.', '[']) {
            if let Some(index) = part.strip_suffix(']') {
                place = place.and_then(|node| node.item(index.parse().ok()?));
                path = format!("{path}[{index}]");
                found = place.map_or(found, |node| node.position);
            } else {
                for key in keys_of(part) {
                    place = place.and_then(|node| node.get(key));
                    path = join(&path, key);
                    found = place.map_or(found, |node| node.position);
                }
            }
        }
        (found, path)
    }

    /// Which of these fields of the API the file says something of, be it that they are empty. The others are not its business:
    /// somebody may have edited them in the store.
    pub(super) fn meant(&self, fields: &[&str]) -> Vec<String> {
        let is_said = |field: &&&str| keys_of(field).iter().all(|key| self.node.get(key).is_some());
        fields.iter().filter(is_said).map(|field| (*field).to_owned()).collect()
    }

    /// Records what breaks a rule.
    pub(super) fn check(&self, violations: Violations, faults: &mut Faults) {
        for violation in violations {
            let (position, path) = self.locate(&violation.field);
            faults.add_broken_rule(position, &path, violation.description);
        }
    }
}

/// The file's keys for a part of a field's name in the API.
fn keys_of(part: &str) -> Vec<&str> {
    match part {
        "category_code" => vec!["category"],
        "poster_media_id" => vec!["poster"],
        "picture_media_id" => vec!["picture"],
        "membership_days" => vec!["days"],
        "shared_content" => vec!["content"],
        "lines" => vec!["stock"],
        // Within "price".
        "minor_units" | "currency_code" => Vec::new(),
        "release_year" => vec!["year"],
        "duration_seconds" => vec!["duration"],
        "file" | "message_copy" => vec!["video"],
        "url" => vec!["video", "url"],
        "expire_time" => vec!["until"],
        same => vec![same],
    }
}

/// How a file is understood.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting {
    /// In which a day ends.
    pub(super) time_zone: Tz,
    pub(super) now: DateTime<Utc>,
}

impl<'a> Library<'a> {
    /// Reads a file's tree, and records every fault of it but those of its pictures and stock files, and of categories
    /// elsewhere.
    pub(super) fn read(root: &'a Node, setting: Setting, faults: &mut Faults) -> Self {
        let Some(fields) = Fields::open(root, "", SECTIONS, faults) else { return Self::default() };
        let library = Self {
            categories: items(&fields, "categories", faults, category),
            titles: items(&fields, "titles", faults, title),
            memberships: items(&fields, "memberships", faults, |node, path, faults| {
                member(node, path, setting, faults)
            }),
            product_categories: items(&fields, "product_categories", faults, category),
            products: items(&fields, "products", faults, product),
        };
        library.check(setting, faults);
        library
    }

    fn check(&self, setting: Setting, faults: &mut Faults) {
        for item in self.categories.iter().chain(&self.product_categories) {
            item.check(item.value.violations(), faults);
        }
        for item in &self.titles {
            item.check(item.value.input.violations(), faults);
        }
        for item in &self.memberships {
            item.check(item.value.violations(setting.now), faults);
        }
        for item in &self.products {
            item.check_product(faults);
        }
        unique(&self.categories, "code", "category", |category| category.code.clone(), faults);
        unique(&self.titles, "code", "title", |title| title.input.code.clone(), faults);
        unique(&self.memberships, "telegram_id", "member", |member| member.telegram_id.to_string(), faults);
        unique(&self.product_categories, "code", "category", |category| category.code.clone(), faults);
        unique(&self.products, "code", "product", |product| product.input.code.clone(), faults);
    }

    /// How many episodes have the address of a video.
    pub(super) fn episodes_by_address(&self) -> usize {
        let episodes = self.titles.iter().flat_map(|title| &title.value.input.episodes);
        episodes.filter(|episode| matches!(episode.video, Some(VideoSource::Url(_)))).count()
    }

    /// A title names a category that is not in the file.
    pub(super) fn has_titles_of_other_categories(&self) -> bool {
        of_others(&self.titles, &self.categories, Title::category).next().is_some()
    }

    /// A product names a category that is not in the file.
    pub(super) fn has_products_of_other_categories(&self) -> bool {
        of_others(&self.products, &self.product_categories, Product::category).next().is_some()
    }

    /// Records the titles whose category is neither in the file nor in the store.
    pub(super) fn check_categories(&self, in_store: &BTreeSet<String>, faults: &mut Faults) {
        check_categories(&self.titles, &self.categories, Title::category, "categories", in_store, faults);
    }

    /// Records the products whose category is neither in the file nor in the store.
    pub(super) fn check_product_categories(&self, in_store: &BTreeSet<String>, faults: &mut Faults) {
        let (items, categories) = (&self.products, &self.product_categories);
        check_categories(items, categories, Product::category, "product_categories", in_store, faults);
    }
}

impl Title {
    fn category(&self) -> &str {
        &self.input.category_code
    }
}

/// Items with a category that is not among these.
fn of_others<'i, 'a, T>(
    items: &'i [Item<'a, T>],
    categories: &[Item<'_, CategoryInput>],
    category: fn(&T) -> &str,
) -> impl Iterator<Item = &'i Item<'a, T>> {
    let known: BTreeSet<_> = categories.iter().map(|item| item.value.code.clone()).collect();
    items.iter().filter(move |item| {
        let code = category(&item.value);
        !code.is_empty() && !known.contains(code)
    })
}

fn check_categories<T>(
    items: &[Item<'_, T>],
    categories: &[Item<'_, CategoryInput>],
    category: fn(&T) -> &str,
    section: &str,
    in_store: &BTreeSet<String>,
    faults: &mut Faults,
) {
    let in_file = categories.iter().map(|item| item.value.code.as_str());
    let known: BTreeSet<_> = in_file.chain(in_store.iter().map(String::as_str)).collect();
    for item in of_others(items, categories, category) {
        let code = category(&item.value);
        if !known.contains(code) {
            let hint =
                did_you_mean(code, known.iter().copied()).unwrap_or_else(|| format!("; name it under {section}"));
            let (position, path) = item.locate("category_code");
            faults.add_broken_rule(position, &path, format!("is no category of this file or of the store{hint}"));
        }
    }
}

impl Member {
    fn violations(&self, now: DateTime<Utc>) -> Violations {
        let mut found = Violations::new();
        found.check((1..=MAX_TELEGRAM_ID).contains(&self.telegram_id), "telegram_id", "must be a Telegram user's id");
        if let Err(error) = Membership::ending(self.until, now) {
            found.add("expire_time", error.to_string());
        }
        found
    }
}

/// The items of a section; those that can't be read are left out, with their faults recorded.
fn items<'a, T>(
    root: &Fields<'a>,
    section: &str,
    faults: &mut Faults,
    read: impl Fn(&Node, &str, &mut Faults) -> Option<T>,
) -> Vec<Item<'a, T>> {
    let nodes = root.list(section, faults).iter().enumerate();
    nodes
        .filter_map(|(index, node)| {
            let path = format!("{section}[{index}]");
            read(node, &path, faults).map(|value| Item { value, node, path })
        })
        .collect()
}

/// Records what has the key of one before it.
fn unique<T>(items: &[Item<'_, T>], field: &str, kind: &str, key: impl Fn(&T) -> String, faults: &mut Faults) {
    let mut lines = BTreeMap::new();
    for item in items {
        let (position, path) = item.locate(field);
        let first = *lines.entry(key(&item.value)).or_insert(position);
        if first != position {
            faults.add_broken_rule(position, &path, format!("is that of the {kind} in line {}, too", first.line));
        }
    }
}

fn category(node: &Node, path: &str, faults: &mut Faults) -> Option<CategoryInput> {
    let fields = Fields::open(node, path, CATEGORY, faults)?;
    Some(CategoryInput {
        code: fields.required_text("code", faults),
        name: fields.required_free_text("name", faults),
        emoji: fields.text("emoji", faults),
    })
}

fn title(node: &Node, path: &str, faults: &mut Faults) -> Option<Title> {
    let fields = Fields::open(node, path, TITLE, faults)?;
    let input = TitleInput {
        code: fields.required_text("code", faults),
        name: fields.required_free_text("name", faults),
        synopsis: fields.free_text("synopsis", faults),
        category_code: fields.text("category", faults),
        poster_media_id: String::new(),
        release_year: small(fields.number("year", faults).unwrap_or_default()),
        hidden: fields.flag("hidden", faults),
        episodes: episodes(&fields, faults),
    };
    Some(Title { input, poster: fields.text("poster", faults) })
}

fn episodes(title: &Fields<'_>, faults: &mut Faults) -> Vec<EpisodeInput> {
    if title.required("episodes", faults).is_none() {
        return Vec::new();
    }
    let mut lines = BTreeMap::new();
    let mut found = Vec::new();
    for (index, node) in title.list("episodes", faults).iter().enumerate() {
        let path = format!("{}[{index}]", title.path("episodes"));
        let episode = episode(node, &path, faults);
        let position = node.get("number").unwrap_or(node).position;
        let first = *lines.entry(episode.number).or_insert(position);
        // One without a number has been told of.
        if first != position && episode.number != 0 {
            let message = format!("is that of the episode in line {}, too", first.line);
            faults.add_unread(position, &join(&path, "number"), message);
        }
        found.push(episode);
    }
    found
}

/// An episode. What can't be read is stood in for, so that all keep their places in the list.
fn episode(node: &Node, path: &str, faults: &mut Faults) -> EpisodeInput {
    let mut episode = EpisodeInput { number: 0, name: String::new(), access: None, duration_seconds: 0, video: None };
    let Some(fields) = Fields::open(node, path, EPISODE, faults) else { return episode };
    episode.number = small(fields.required_number("number", faults));
    episode.name = fields.free_text("name", faults);
    episode.access = match fields.text("access", faults).as_str() {
        "free" => Some(EpisodeAccess::Free),
        "vip" => Some(EpisodeAccess::Vip),
        other => {
            let message = if other.is_empty() { "is required: free or vip" } else { "must be free or vip" };
            fields.refuse("access", message, faults);
            None
        }
    };
    episode.duration_seconds = small(fields.number("duration", faults).unwrap_or_default());
    episode.video = fields.get("video").and_then(|node| video(node, &fields.path("video"), faults));
    episode
}

fn video(node: &Node, path: &str, faults: &mut Faults) -> Option<VideoSource> {
    let fields = Fields::open(node, path, VIDEO, faults)?;
    let is_given = |key: &&&str| fields.get(key).is_some();
    match *VIDEO.iter().filter(is_given).copied().collect::<Vec<_>>() {
        ["file_id"] => Some(VideoSource::File { file_id: fields.free_text("file_id", faults), bot_id: 0 }),
        ["chat_id" | "message_id"] | ["chat_id", "message_id"] => Some(VideoSource::Copy {
            chat_id: fields.required_number("chat_id", faults),
            message_id: fields.required_number("message_id", faults),
        }),
        ["url"] => Some(VideoSource::Url(SecretUrl(fields.free_text("url", faults)))),
        _ => {
            faults.add_unread(node.position, path, "must be one of {file_id}, {chat_id, message_id} and {url}");
            None
        }
    }
}

fn member(node: &Node, path: &str, setting: Setting, faults: &mut Faults) -> Option<Member> {
    let fields = Fields::open(node, path, MEMBERSHIP, faults)?;
    let telegram_id = fields.required_number("telegram_id", faults);
    let text = fields.required_text("until", faults);
    let until = last_moment(&text, setting.time_zone);
    if until.is_none() {
        let message = "must be a day (2027-01-31) or a time in RFC 3339 (2027-01-31T12:00:00+07:00)";
        let hint = if text.parse::<i64>().is_ok() { ", not a number of days" } else { "" };
        if !text.is_empty() {
            fields.refuse("until", format!("{message}{hint}"), faults);
        }
    }
    Some(Member { telegram_id, until: until.unwrap_or(setting.now) })
}

/// When what holds until a day or a time is over.
fn last_moment(text: &str, time_zone: Tz) -> Option<DateTime<Utc>> {
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    let is_day = text.len() == "2027-01-31".len();
    let day: NaiveDate = text.parse().ok().filter(|_| is_day)?;
    begin_of(day.checked_add_days(Days::new(1))?, time_zone)
}

/// The first moment of a day. Where clocks are put forward at midnight, or the calendar leaves out a day, that is later.
fn begin_of(day: NaiveDate, time_zone: Tz) -> Option<DateTime<Utc>> {
    let midnight = NaiveDateTime::new(day, NaiveTime::MIN);
    let quarters = (0..192).filter_map(|quarter| midnight.checked_add_signed(TimeDelta::minutes(15 * quarter)));
    let mut moments = quarters.filter_map(|time| time_zone.from_local_datetime(&time).earliest());
    moments.next().map(|time| time.to_utc())
}

/// The number, or the greatest or smallest there is of this kind, which breaks its rule as well.
pub(super) fn small(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}
