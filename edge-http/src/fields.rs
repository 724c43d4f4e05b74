//! How header fields are compared: names of types in any case, with parameters behind them, in lists with weights
//! (RFC 9110, §8.3, §8.4 and §12).

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, header};

/// What a body is said to be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MediaType<'h>(&'h str);

impl<'h> MediaType<'h> {
    /// The type that a message's head names; `None` when it names none, or none that can be read.
    pub(crate) fn of(headers: &'h HeaderMap) -> Option<Self> {
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).map(Self)
    }

    /// The type without its parameters.
    fn essence(self) -> &'h str {
        self.0.split(';').next().unwrap_or_default().trim()
    }

    /// Whether it is this type, whatever parameters it has.
    pub(crate) fn is(self, name: &str) -> bool {
        self.essence().eq_ignore_ascii_case(name)
    }

    /// Whether its text is in UTF-8, which it also is where nothing is said.
    pub(crate) fn is_utf8(self) -> bool {
        self.0.split(';').skip(1).all(|parameter| {
            parameter.split_once('=').is_none_or(|(name, value)| {
                !name.trim().eq_ignore_ascii_case("charset")
                    || ["utf-8", "utf8"].iter().any(|utf8| value.trim().trim_matches('"').eq_ignore_ascii_case(utf8))
            })
        })
    }
}

/// How a gRPC call is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrpcForm {
    /// gRPC itself.
    Native,
    /// grpc-web, in bytes.
    Web,
    /// grpc-web, in base64.
    WebText,
}

impl GrpcForm {
    const NAMES: [(&str, Self); 6] = [
        ("application/grpc", Self::Native),
        ("application/grpc+proto", Self::Native),
        ("application/grpc-web", Self::Web),
        ("application/grpc-web+proto", Self::Web),
        ("application/grpc-web-text", Self::WebText),
        ("application/grpc-web-text+proto", Self::WebText),
    ];

    fn named(essence: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(name, _)| essence.eq_ignore_ascii_case(name)).map(|(_, form)| form)
    }

    /// The form of a request; `None` when it is no gRPC, or in a form that nobody here reads.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        Self::named(MediaType::of(headers)?.essence())
    }

    /// Whether a request is meant as gRPC, in a form that is read here or in another.
    pub(crate) fn is_meant(headers: &HeaderMap) -> bool {
        MediaType::of(headers).is_some_and(|media| {
            media.essence().split_at_checked("application/grpc".len()).is_some_and(|(begin, rest)| {
                begin.eq_ignore_ascii_case("application/grpc") && !rest.starts_with(|next: char| next.is_alphanumeric())
            })
        })
    }

    /// The form of the answer: what the caller accepts of those for browsers, or else the one of the request.
    pub(crate) fn of_answer(self, headers: &HeaderMap) -> Self {
        if self == Self::Native {
            return self;
        }
        let accepted = preferred(headers, &header::ACCEPT).into_iter().find_map(Self::named);
        accepted.filter(|form| *form != Self::Native).unwrap_or(self)
    }

    /// Its name, as answers carry it.
    pub(crate) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Native => "application/grpc",
            Self::Web => "application/grpc-web+proto",
            Self::WebText => "application/grpc-web-text+proto",
        })
    }

    /// Marks an answer as being of this form.
    pub(crate) fn mark(self, response: &mut Response) {
        response.headers_mut().insert(header::CONTENT_TYPE, self.content_type());
    }
}

/// The entries of a list such as `Accept-Language`, without their parameters: the more wanted first, in their own order
/// where they are wanted alike, and without those that are not wanted at all.
pub(crate) fn preferred<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Vec<&'h str> {
    let lines = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    let entries = lines.flat_map(|line| line.split(',')).filter_map(|entry| {
        let (value, parameters) = entry.split_once(';').unwrap_or((entry, ""));
        let weight = weight(parameters);
        (weight > 0 && !value.trim().is_empty()).then(|| (weight, value.trim()))
    });
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    entries.into_iter().map(|(_, value)| value).collect()
}

/// A weight `q` in thousandths; what can't be read is as good as none.
fn weight(parameters: &str) -> u32 {
    const WHOLE: u32 = 1_000;
    let given = parameters
        .split(';')
        .filter_map(|parameter| parameter.split_once('='))
        .find_map(|(name, value)| name.trim().eq_ignore_ascii_case("q").then(|| value.trim()));
    let Some(given) = given else { return WHOLE };
    let (units, thousandths) = given.split_once('.').unwrap_or((given, ""));
    match (units, format!("{thousandths:0<3}").parse::<u32>()) {
        ("0", Ok(thousandths)) if thousandths < WHOLE => thousandths,
        _ => WHOLE,
    }
}

/// Whether a body came as it is. What is compressed may be far larger than it looks, and is read nowhere here.
pub(crate) fn is_plain(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).into_iter();
    encodings
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .all(|encoding| encoding.is_empty() || encoding.eq_ignore_ascii_case(b"identity"))
}

/// The credential of an `Authorization` of this scheme.
pub(crate) fn credential<'v>(authorization: &'v HeaderValue, scheme: &str) -> Option<&'v str> {
    let (name, rest) = authorization.to_str().ok()?.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme).then(|| rest.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_type_is_named_in_any_case_and_with_parameters() {
        for (value, form) in [
            ("application/grpc", Some(GrpcForm::Native)),
            ("Application/gRPC+Proto; charset=utf-8", Some(GrpcForm::Native)),
            ("application/grpc-web", Some(GrpcForm::Web)),
            ("application/grpc-web+proto;charset=UTF-8", Some(GrpcForm::Web)),
            ("application/grpc-web-text ; x=y", Some(GrpcForm::WebText)),
            ("application/grpc-web-texts", None),
            ("application/grpc-web+json", None),
            ("text/plain", None),
        ] {
            assert_eq!(GrpcForm::of(&headers(header::CONTENT_TYPE, value)), form, "{value}");
        }
        for (value, meant) in [
            ("application/grpc-web+json", true),
            ("APPLICATION/GRPC", true),
            ("application/grpc;x", true),
            ("application/grpcs", false),
            ("application/json; x=application/grpc", false),
            ("application/gr", false),
        ] {
            assert_eq!(GrpcForm::is_meant(&headers(header::CONTENT_TYPE, value)), meant, "{value}");
        }
    }

    #[test]
    fn what_is_accepted_is_a_list_with_weights() {
        for (value, wanted) in [
            ("application/grpc-web-text", GrpcForm::WebText),
            ("application/grpc-web;q=0.5, Application/GRPC-Web-Text", GrpcForm::WebText),
            ("application/grpc-web-text;q=0, */*", GrpcForm::Web),
            ("application/grpc-web-text;q=0.000", GrpcForm::Web),
            ("application/grpc", GrpcForm::Web),
            ("*/*", GrpcForm::Web),
            ("", GrpcForm::Web),
        ] {
            assert_eq!(GrpcForm::Web.of_answer(&headers(header::ACCEPT, value)), wanted, "{value}");
        }
        let native = GrpcForm::Native.of_answer(&headers(header::ACCEPT, "application/grpc-web"));
        assert_eq!(native, GrpcForm::Native);
        let languages = headers(header::ACCEPT_LANGUAGE, "fr;q=0, en;q=0.3, id-ID;q=0.75, ms;q=junk,, ja;q=1.0");
        assert_eq!(preferred(&languages, &header::ACCEPT_LANGUAGE), ["ms", "ja", "id-ID", "en"]);
    }

    #[test]
    fn what_is_compressed_is_told_from_what_is_not() {
        for (value, plain) in
            [("identity", true), ("Identity, identity", true), ("", true), ("gzip", false), ("identity, br", false)]
        {
            assert_eq!(is_plain(&headers(header::CONTENT_ENCODING, value)), plain, "{value}");
        }
    }

    #[test]
    fn text_is_in_utf8_unless_it_says_otherwise() {
        for (value, utf8) in [
            ("application/json", true),
            ("application/json;charset=utf-8", true),
            ("application/json; Charset=\"UTF-8\"; x=y", true),
            ("application/json; charset = utf8", true),
            ("application/json;", true),
            ("application/json; charset=iso-8859-1", false),
        ] {
            let headers = headers(header::CONTENT_TYPE, value);
            let media = MediaType::of(&headers).unwrap();
            assert!(media.is("application/json"), "{value}");
            assert_eq!(media.is_utf8(), utf8, "{value}");
        }
    }
}
