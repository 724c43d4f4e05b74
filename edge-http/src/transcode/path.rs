//! Path templates of `google.api.http`: literals, `{field}` variables of one segment, and a `:verb` at the end.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// A compiled template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Template {
    segments: Vec<Segment>,
    verb: Option<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// The field that takes the segment.
    Variable(String),
}

impl Template {
    /// Reads a template. The error names what is not supported.
    pub(crate) fn parse(template: &str) -> Result<Self, String> {
        let refuse = |why: &str| Err(format!("{template}: {why}"));
        let Some(path) = template.strip_prefix('/') else { return refuse("must begin with /") };
        // A colon inside of braces is no verb.
        let (path, verb) = match path.rsplit_once(':') {
            Some((path, verb)) if !verb.contains(['}', '/']) => (path, Some(verb.to_owned())),
            _ => (path, None),
        };
        let mut segments = Vec::new();
        for segment in path.split('/') {
            let variable = segment.strip_prefix('{').and_then(|inner| inner.strip_suffix('}'));
            segments.push(match variable.map(|inner| inner.strip_suffix("=*").unwrap_or(inner)) {
                Some(name) if name.is_empty() || name.contains(['=', '{', '}', '*']) => {
                    return refuse("a variable takes one whole segment");
                }
                Some(name) => Segment::Variable(name.to_owned()),
                None if segment.is_empty() || segment.contains(['{', '}', '*']) => {
                    return refuse("a segment is a literal or a variable");
                }
                None => Segment::Literal(segment.to_owned()),
            });
        }
        Ok(Self { segments, verb })
    }

    /// How many segments it has.
    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }

    /// The fields that the path binds.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Variable(name) => Some(name.as_str()),
            Segment::Literal(_) => None,
        })
    }

    /// The values of the variables, in order, when the path fits.
    pub(crate) fn matches<'p>(&self, path: &Path<'p>) -> Option<Vec<Cow<'p, str>>> {
        if path.segments.len() != self.segments.len() {
            return None;
        }
        let last = path.segments.len().checked_sub(1)?;
        let mut values = Vec::new();
        for (index, (ours, theirs)) in self.segments.iter().zip(&path.segments).enumerate() {
            let theirs = match (&self.verb, index == last) {
                (Some(verb), true) => theirs.strip_suffix(verb.as_str())?.strip_suffix(':')?,
                _ => theirs,
            };
            match ours {
                Segment::Literal(literal) if literal == theirs => {}
                Segment::Literal(_) => return None,
                Segment::Variable(_) if theirs.is_empty() => return None,
                Segment::Variable(_) => values.push(percent_decode_str(theirs).decode_utf8().ok()?),
            }
        }
        Some(values)
    }

    /// Literals come before variables, and verbs before none, where both would fit.
    pub(crate) fn precedence(&self) -> impl Ord + use<> {
        let variables: Vec<bool> =
            self.segments.iter().map(|segment| matches!(segment, Segment::Variable(_))).collect();
        (self.verb.is_none(), variables)
    }
}

/// A path that came, cut once.
pub(crate) struct Path<'p> {
    segments: Vec<&'p str>,
}

impl<'p> Path<'p> {
    pub(crate) fn new(path: &'p str) -> Self {
        Self { segments: path.trim_start_matches('/').split('/').collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.segments.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<Vec<String>> {
        let values = Template::parse(template).unwrap().matches(&Path::new(path))?;
        Some(values.into_iter().map(Cow::into_owned).collect())
    }

    #[test]
    fn variables_take_a_decoded_segment_each() {
        assert_eq!(matched("/v1/a", "/v1/a"), Some(vec![]));
        assert_eq!(matched("/v1/{id}", "/v1/x%20y%2Fz"), Some(vec!["x y/z".to_owned()]));
        assert_eq!(matched("/v1/{a}/b/{c=*}", "/v1/1/b/2"), Some(vec!["1".to_owned(), "2".to_owned()]));
        for other in ["/v1", "/v1/", "/v1/x/y", "/v2/x", "/v1/%ff"] {
            assert_eq!(matched("/v1/{id}", other), None, "{other}");
        }
    }

    #[test]
    fn a_verb_ends_the_last_segment() {
        assert_eq!(matched("/v1/{id}:grant", "/v1/7:grant"), Some(vec!["7".to_owned()]));
        for other in ["/v1/7", "/v1/7:revoke", "/v1/:grant", "/v1/7grant"] {
            assert_eq!(matched("/v1/{id}:grant", other), None, "{other}");
        }
    }

    #[test]
    fn templates_that_are_not_supported_are_refused() {
        for template in ["v1", "/v1/{a=b/*}", "/v1/**", "/v1/{}", "/v1//a", "/v1/x{a}", "/v1/{a=**}"] {
            assert!(Template::parse(template).is_err(), "{template}");
        }
    }
}
