use proptest::prelude::*;

use super::*;

fn episode(number: i32) -> EpisodeInput {
    EpisodeInput {
        number,
        name: String::new(),
        access: Some(EpisodeAccess::Vip),
        duration_seconds: 0,
        video: Some(VideoSource::Copy { chat_id: -1_001, message_id: 5 }),
    }
}

fn title() -> TitleInput {
    TitleInput {
        code: "cinta-2".into(),
        name: "Cinta & Hujan 🎬".into(),
        synopsis: "Baris satu.\nBaris dua.".into(),
        episodes: vec![episode(1), episode(2)],
        ..TitleInput::default()
    }
}

fn fields(violations: Violations) -> Vec<String> {
    violations.into_iter().map(|violation| violation.field).collect()
}

fn video_fields(video: VideoSource) -> Vec<String> {
    fields(TitleInput { episodes: vec![EpisodeInput { video: Some(video), ..episode(1) }], ..title() }.violations())
}

#[test]
fn a_whole_title_keeps_the_rules() {
    let whole = TitleInput {
        category_code: "drama".into(),
        poster_media_id: format!("med_{}", "0a".repeat(32)),
        release_year: 2_026,
        hidden: true,
        ..title()
    };
    assert_eq!(whole.violations().finish(), Ok(()));
    assert_eq!(title().violations().finish(), Ok(()));
}

#[test]
fn every_fault_of_a_title_is_told_at_once() {
    let bad_episode = EpisodeInput {
        number: 0,
        name: "x\n".into(),
        access: None,
        duration_seconds: -1,
        video: Some(VideoSource::Url(SecretUrl("http://a.example".into()))),
    };
    let bad = TitleInput {
        code: "Cinta 2".into(),
        name: "  ".into(),
        synopsis: "x".repeat(4_001),
        category_code: "Drama".into(),
        poster_media_id: "med_1".into(),
        release_year: 1_879,
        hidden: false,
        episodes: vec![episode(1), bad_episode, episode(1)],
    };
    assert_eq!(
        fields(bad.violations()),
        [
            "code",
            "name",
            "synopsis",
            "category_code",
            "poster_media_id",
            "release_year",
            "episodes[1].number",
            "episodes[1].name",
            "episodes[1].access",
            "episodes[1].duration_seconds",
            "episodes[1].url",
            "episodes[2].number",
        ]
    );
}

#[test]
fn a_title_has_one_to_a_thousand_episodes() {
    for (count, refused) in [(0, true), (1, false), (1_000, false), (1_001, true)] {
        let title = TitleInput { episodes: (1..=count).map(episode).collect(), ..title() };
        assert_eq!(fields(title.violations()).contains(&"episodes".to_owned()), refused, "{count}");
    }
    let title = TitleInput { episodes: vec![episode(0); 100_000], ..title() };
    assert!(title.violations().iter().count() <= 2 * MAX_EPISODES + 1, "the answer is bounded, too");
}

#[test]
fn limits_hold_to_the_character() {
    for (name, refused) in [("🎬".repeat(200), false), ("🎬".repeat(201), true), ("a\u{0}".into(), true)] {
        assert_eq!(!TitleInput { name: name.clone(), ..title() }.violations().is_empty(), refused, "{name}");
    }
    for (year, refused) in [(0, false), (1_880, false), (2_200, false), (2_201, true), (-1, true)] {
        assert_eq!(!TitleInput { release_year: year, ..title() }.violations().is_empty(), refused, "{year}");
    }
    for (number, refused) in [(1, false), (9_999, false), (10_000, true), (i32::MIN, true)] {
        let title = TitleInput { episodes: vec![episode(number)], ..title() };
        assert_eq!(!title.violations().is_empty(), refused, "{number}");
    }
}

#[test]
fn a_video_source_keeps_its_form() {
    let file = |file_id: &str, bot_id| VideoSource::File { file_id: file_id.into(), bot_id };
    assert!(video_fields(file("BAACAgUAAxkBAAI-_x", 0)).is_empty());
    assert_eq!(video_fields(file("", -1)), ["episodes[0].file.file_id", "episodes[0].file.bot_id"]);
    assert_eq!(video_fields(file(&"x".repeat(256), 1)), ["episodes[0].file.file_id"]);
    assert_eq!(video_fields(file("a b", 1)), ["episodes[0].file.file_id"]);
    let copy = VideoSource::Copy { chat_id: 0, message_id: 0 };
    assert_eq!(video_fields(copy), ["episodes[0].message_copy.chat_id", "episodes[0].message_copy.message_id"]);
    let url = |text: &str| VideoSource::Url(SecretUrl(text.into()));
    assert!(video_fields(url("https://cdn.example/v.mp4?token=1")).is_empty());
    for text in ["", "http://cdn.example", "file:///etc/passwd", "https://user:pass@cdn.example/"] {
        assert_eq!(video_fields(url(text)), ["episodes[0].url"], "{text}");
    }
    let unavailable = TitleInput { episodes: vec![EpisodeInput { video: None, ..episode(1) }], ..title() };
    assert!(unavailable.violations().is_empty());
}

#[test]
fn a_videos_address_is_not_shown() {
    let url = VideoSource::Url(SecretUrl("https://secret.example".into()));
    let title = TitleInput { episodes: vec![EpisodeInput { video: Some(url), ..episode(1) }], ..title() };
    assert!(!format!("{title:?}").contains("secret.example"));
}

#[test]
fn every_fault_of_a_category_is_told_at_once() {
    let category = |code: &str, name: &str, emoji: &str| {
        fields(
            crate::category::CategoryInput { code: code.into(), name: name.into(), emoji: emoji.into() }.violations(),
        )
    };
    for emoji in ["", "🎬", "❤\u{fe0f}", "🇮🇩", "1\u{fe0f}\u{20e3}"] {
        assert!(category("drama", "Drama", emoji).is_empty(), "{emoji}");
    }
    assert_eq!(category("", "", "a"), ["code", "name", "emoji"]);
    for emoji in ["<", "🎬 ", "🎬🎬🎬🎬🎬", "\n", "x"] {
        assert_eq!(category("drama", "Drama", emoji), ["emoji"], "{emoji}");
    }
    assert_eq!(category("drama", &"x".repeat(65), ""), ["name"]);
}

#[test]
fn members_watch_everything_and_others_what_is_free() {
    assert!(EpisodeAccess::Free.permits(false) && EpisodeAccess::Free.permits(true));
    assert!(EpisodeAccess::Vip.permits(true) && !EpisodeAccess::Vip.permits(false));
    for access in [EpisodeAccess::Free, EpisodeAccess::Vip] {
        assert_eq!(EpisodeAccess::from_name(access.name()), Some(access));
    }
    assert_eq!(EpisodeAccess::from_name("vip"), None);
}

proptest! {
    #[test]
    fn any_title_is_checked_without_a_panic(code: String, name: String, url: String, year: i32, number: i32) {
        let video = Some(VideoSource::Url(SecretUrl(url)));
        let episodes = vec![EpisodeInput { number, name: name.clone(), video, ..episode(1) }];
        let title = TitleInput { code, name, release_year: year, episodes, ..title() };
        for violation in title.violations() {
            prop_assert!(!violation.field.is_empty() && !violation.description.is_empty());
        }
    }
}
