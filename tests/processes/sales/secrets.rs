//! Looking for what must not stand anywhere in the clear.

use std::path::Path;

/// What every line of stock begins with.
pub(super) const LINES: &str = "BARIS-RAHASIA-";

/// What must not be seen.
pub(super) struct Secrets(pub(super) Vec<&'static str>);

impl Secrets {
    /// Fails when one of them is among these bytes, as it is or in hexadecimal digits.
    pub(super) fn are_not_in(&self, place: &str, bytes: &[u8]) {
        for secret in &self.0 {
            let hex = secret.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
            for form in [*secret, &hex] {
                assert!(!contains(bytes, form.as_bytes()), "{secret} stands in {place}");
            }
        }
    }

    /// Fails when one of them is in a file of the folder or of those below it.
    pub(super) fn are_not_below(&self, folder: &Path) {
        let mut files = 0;
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    self.are_not_in(&path.display().to_string(), &bytes);
                    files += 1;
                }
            }
        }
        assert!(files > 0, "{} has no files", folder.display());
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    let Some((first, rest)) = part.split_first() else { return true };
    let mut bytes = bytes;
    while let Some(at) = bytes.iter().position(|byte| byte == first) {
        bytes = &bytes[at + 1..];
        if bytes.starts_with(rest) {
            return true;
        }
    }
    false
}

#[test]
fn a_secret_is_found_wherever_it_stands() {
    let secrets = Secrets(vec!["rahasia"]);
    secrets.are_not_in("nothing", b"");
    secrets.are_not_in("something like it", b"rahasi rahasi\0a 7261686173696");
    for place in ["rahasia", "x rrahasia", "\\x7261686173696100"] {
        let found = std::panic::catch_unwind(|| Secrets(vec!["rahasia"]).are_not_in("a place", place.as_bytes()));
        assert!(found.is_err(), "{place}");
    }
}
