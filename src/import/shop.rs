//! The products that a file describes, and their stock.

use std::path::Path;

use warung_domain::{
    catalog::{ProductInput, ProductKind, stock_violations},
    goods::Goods,
    money::Money,
};

use super::{
    fault::Faults,
    fields::Fields,
    library::{Item, small},
    pictures,
    tree::{Node, Value},
};

const PRODUCT: &[&str] = &[
    "code",
    "name",
    "description",
    "category",
    "kind",
    "price",
    "picture",
    "days",
    "content",
    "gateways",
    "archived",
    "stock",
    "stock_file",
];

/// How the file calls the kinds.
const KINDS: [(&str, ProductKind); 5] = [
    ("stock", ProductKind::Stock),
    ("shared", ProductKind::Shared),
    ("manual", ProductKind::Manual),
    ("membership", ProductKind::Membership),
    ("top_up", ProductKind::TopUp),
];

/// The largest file of stock lines, in bytes.
const STOCK_FILE_MAX_BYTES: usize = 16 * 1024 * 1024;
/// How many faults of one file of stock lines are told.
const STOCK_FILE_FAULTS_MAX: usize = 20;

/// A product, where its picture is, and what is in stock of it.
#[derive(Debug)]
pub(super) struct Product {
    /// Its picture is filled in when that is known.
    pub(super) input: ProductInput,
    /// As the file has it; empty for none.
    pub(super) picture: String,
    /// In the order of the file, those of its stock file once that was read.
    pub(super) stock: Vec<Goods>,
    /// As the file has it; empty for none.
    stock_file: String,
}

impl Product {
    /// The code of its category; empty for none.
    pub(super) fn category(&self) -> &str {
        &self.input.category_code
    }
}

/// Reads a product.
pub(super) fn product(node: &Node, path: &str, faults: &mut Faults) -> Option<Product> {
    let fields = Fields::open(node, path, PRODUCT, faults)?;
    let kind = kind(&fields, faults);
    let price = fields.required("price", faults).and_then(|_| fields.number("price", faults));
    let input = ProductInput {
        code: fields.required_text("code", faults),
        name: fields.required_free_text("name", faults),
        description: fields.free_text("description", faults),
        category_code: fields.text("category", faults),
        kind,
        price: price.map(Money::idr),
        picture_media_id: String::new(),
        membership_days: small(fields.number("days", faults).unwrap_or_default()),
        shared_content: Goods::new(fields.free_text("content", faults)),
        gateways: gateways(&fields, faults),
        archived: fields.flag("archived", faults),
    };
    if kind == Some(ProductKind::Shared) {
        fields.required("content", faults);
    }
    if kind.is_some_and(|kind| kind != ProductKind::Stock) {
        for key in ["stock", "stock_file"].into_iter().filter(|key| fields.get(key).is_some()) {
            fields.refuse(key, "is for products of the kind stock alone", faults);
        }
    } else if fields.get("stock").and(fields.get("stock_file")).is_some() {
        fields.refuse("stock_file", "is given beside stock: put all lines into one of them", faults);
    }
    Some(Product {
        input,
        picture: fields.text("picture", faults),
        stock: stock(&fields, faults),
        stock_file: fields.text("stock_file", faults),
    })
}

fn kind(fields: &Fields<'_>, faults: &mut Faults) -> Option<ProductKind> {
    let text = fields.text("kind", faults);
    let found = KINDS.into_iter().find(|(name, _)| *name == text).map(|(_, kind)| kind);
    if found.is_none() {
        let names = KINDS.map(|(name, _)| name).join(", ");
        let message = if text.is_empty() { "is required" } else { "must be one of these" };
        fields.refuse("kind", format!("{message}: {names}"), faults);
    }
    found
}

/// The names of the gateways that it may be paid through. What can't be read is stood in for, so that all keep their places.
fn gateways(fields: &Fields<'_>, faults: &mut Faults) -> Vec<String> {
    let text = |node: &Node| match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => text.clone(),
        _ => String::new(),
    };
    fields.list("gateways", faults).iter().map(text).collect()
}

/// The lines that stand in the file itself. What can't be read is stood in for, so that all keep their places. A line is
/// somebody's secret: what YAML would make of it without a word is a fault.
fn stock(fields: &Fields<'_>, faults: &mut Faults) -> Vec<Goods> {
    let mut lines = Vec::new();
    for (index, node) in fields.list("stock", faults).iter().enumerate() {
        let fault = match &node.value {
            Value::Scalar { .. } if node.is_null() => "says nothing in YAML: put it in quotes, or take the line out",
            Value::Scalar { doubt: Some(doubt), .. } => doubt.words(),
            Value::Scalar { text, doubt: None, .. } => {
                lines.push(Goods::new(text.as_str()));
                continue;
            }
            Value::List(_) | Value::Map(_) => "must be text: put it in quotes",
        };
        faults.add_unread(node.position, &format!("{}[{index}]", fields.path("stock")), fault);
        lines.push(Goods::default());
    }
    lines
}

impl Item<'_, Product> {
    /// Records what of the product and of the stock that stands with it breaks a rule.
    pub(super) fn check_product(&self, faults: &mut Faults) {
        self.check(self.value.input.violations(), faults);
        for (index, line) in self.value.stock.iter().enumerate() {
            for violation in stock_violations(std::slice::from_ref(line)) {
                let (position, path) = self.locate(&format!("lines[{index}]"));
                faults.add_broken_rule(position, &path, violation.description);
            }
        }
    }

    /// Reads the product's stock file, if it has one. Blank lines of it are left out.
    pub(super) async fn read_stock(&mut self, folder: &Path, faults: &mut Faults) {
        let name = self.value.stock_file.clone();
        if name.is_empty() {
            return;
        }
        let (position, path) = self.locate("stock_file");
        let content = match read(folder, &name).await {
            Ok(content) => content,
            Err(message) => return faults.add(position, path, message),
        };
        let mut told = Vec::new();
        for (number, text) in (1..).zip(content.lines()).filter(|(_, text): &(u64, _)| !text.trim().is_empty()) {
            let line = Goods::new(text);
            let violations = stock_violations(std::slice::from_ref(&line));
            told.extend(violations.into_iter().map(|violation| format!("line {number} {}", violation.description)));
            self.value.stock.push(line);
        }
        if self.value.stock.is_empty() {
            told.push("has no line".to_owned());
        }
        let more = told.len().saturating_sub(STOCK_FILE_FAULTS_MAX);
        told.truncate(STOCK_FILE_FAULTS_MAX);
        if more > 0 {
            told.push(format!("and {more} lines more"));
        }
        if !told.is_empty() {
            faults.add(position, path, format!("{name}: {}", told.join("; ")));
        }
    }
}

async fn read(folder: &Path, name: &str) -> Result<String, String> {
    if Path::new(name).is_absolute() {
        return Err("must be a path relative to this file".to_owned());
    }
    let content = pictures::read(&folder.join(name), STOCK_FILE_MAX_BYTES.saturating_add(1)).await?;
    if content.len() > STOCK_FILE_MAX_BYTES {
        return Err(format!("{name} is larger than {} MiB: split it", STOCK_FILE_MAX_BYTES >> 20));
    }
    let content = String::from_utf8(content).map_err(|_| format!("{name} is not UTF-8: save the file in UTF-8"))?;
    Ok(content.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(content))
}
