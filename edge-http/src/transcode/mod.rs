//! JSON for every public RPC, by the rules of `google.api.http`, driven by the descriptors.

pub(crate) mod number;
mod path;
mod query;
mod request;
mod response;
mod schema;
#[cfg(test)]
mod tests;
pub(crate) mod text;

use std::{borrow::Cow, collections::HashMap};

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use prost_reflect::MethodDescriptor;
use warung_proto::descriptor::{self, HttpBinding};

pub(crate) use self::request::depth;
use self::{
    path::{Path, Template},
    schema::{Kind, Schema},
};
use crate::{
    caller::Caller,
    config::Limits,
    core::{Core, FRAME_HEAD, finish_frame},
    error::Fault,
    fields::MediaType,
    metrics::{self, Label},
    rooms::Rooms,
    rpc::Rpc,
};

/// All ways into the core by JSON.
pub(crate) struct Transcoder {
    schema: Schema,
    /// By the number of segments; within it, the more special template first.
    routes: HashMap<usize, Vec<Route>>,
}

/// A binding of an RPC.
struct Route {
    verb: Method,
    template: Template,
    /// The template as text: a label of few values.
    label: Label,
    rpc: Rpc,
    request: usize,
    response: usize,
    body: BodyRule,
    /// Fields that the path binds.
    bound: Vec<String>,
}

/// What the body is.
#[derive(Debug, PartialEq, Eq)]
enum BodyRule {
    /// There is none: fields come from the query.
    Absent,
    /// Every field that the path does not bind.
    Whole,
    /// The message in this field.
    Field { number: u32, message: usize },
}

impl Transcoder {
    /// Compiles the bindings of all public RPCs. The second part says which could not be, and why: none, as a test
    /// proves.
    pub(crate) fn new() -> (Self, Vec<String>) {
        let mut transcoder = Self { schema: Schema::default(), routes: HashMap::new() };
        let mut faults = Vec::new();
        for method in descriptor::methods().filter(descriptor::is_public) {
            for binding in descriptor::http_bindings(&method) {
                if let Err(fault) = transcoder.add(&method, &binding) {
                    faults.push(format!("{}: {fault}", method.full_name()));
                }
            }
        }
        for routes in transcoder.routes.values_mut() {
            routes.sort_by_key(|route| route.template.precedence());
        }
        (transcoder, faults)
    }

    fn add(&mut self, method: &MethodDescriptor, binding: &HttpBinding) -> Result<(), String> {
        let template = Template::parse(&binding.path)?;
        let request = self.schema.add(&method.input())?;
        let response = self.schema.add(&method.output())?;
        let message = self.schema.message(request).ok_or("no such message")?;
        let bound: Vec<String> = template.variables().map(str::to_owned).collect();
        if let Some(missing) = bound.iter().find(|name| message.field(name).is_none_or(|field| field.repeated)) {
            return Err(format!("{missing} is no single field of the request"));
        }
        let body = match binding.body.as_str() {
            "" => BodyRule::Absent,
            "*" => BodyRule::Whole,
            name => match message.field(name) {
                Some(field) if !field.repeated => match field.kind {
                    Kind::Message(message) => BodyRule::Field { number: field.number, message },
                    _ => return Err(format!("the body {name} is no message")),
                },
                _ => return Err(format!("the body {name} is no single field")),
            },
        };
        self.routes.entry(template.len()).or_default().push(Route {
            verb: binding.verb.parse().map_err(|_| "no HTTP method")?,
            template,
            label: Label::new(binding.path.as_str(), metrics::Kind::Json),
            rpc: Rpc::new(method).ok_or("no declaration of who may call it")?,
            request,
            response,
            body,
            bound,
        });
        Ok(())
    }

    /// The route of a request and the values of its variables, or the answer to a request that has none.
    fn find<'p>(&self, verb: &Method, path: &'p str) -> Result<(&Route, Vec<Cow<'p, str>>), Box<Response>> {
        // What may be read may be asked about.
        let verb = if verb == Method::HEAD { &Method::GET } else { verb };
        let path = Path::new(path);
        let mut allowed = Vec::new();
        for route in self.routes.get(&path.len()).into_iter().flatten() {
            if let Some(values) = route.template.matches(&path) {
                if route.verb == *verb {
                    return Ok((route, values));
                }
                allowed.push(if route.verb == Method::GET { "GET, HEAD" } else { route.verb.as_str() });
            }
        }
        Err(Box::new(if allowed.is_empty() {
            Fault::not_found("there is nothing at this path; /openapi.json lists what there is").into_response()
        } else {
            not_allowed(&allowed.join(", "))
        }))
    }

    /// Answers a JSON request.
    pub(crate) async fn handle(
        &self,
        core: &Core,
        limits: &Limits,
        rooms: &Rooms,
        caller: &Caller,
        head: &Parts,
        body: Body,
    ) -> Response {
        let (route, values) = match self.find(&head.method, head.uri.path()) {
            Ok(found) => found,
            Err(response) => return *response,
        };
        let mut response = match self.call(core, limits, rooms, caller, head, body, route, &values).await {
            Ok(response) => response,
            Err(fault) => fault.into_response(),
        };
        response.extensions_mut().insert(route.label.clone());
        response
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one request")]
    async fn call(
        &self,
        core: &Core,
        limits: &Limits,
        rooms: &Rooms,
        caller: &Caller,
        head: &Parts,
        body: Body,
        route: &Route,
        values: &[Cow<'_, str>],
    ) -> Result<Response, Fault> {
        let rpc = &route.rpc;
        rpc.admit(caller)?;
        let read = match route.body {
            BodyRule::Absent => None,
            _ => Some(rpc.read(core, rooms, caller, &head.headers, body, rpc.request_bytes).await?),
        };
        let _place = rpc.enter(rooms, caller)?;
        let json = read.as_ref().map_or(&[][..], |read| &read.bytes);
        let frame = self.encode(limits, head, route, values, json)?;
        let answer = core.unary(&rpc.path, frame, caller).await?;
        let message = self.schema.message(route.response).ok_or_else(Fault::internal)?;
        let mut json = Vec::with_capacity(answer.len().saturating_mul(2).saturating_add(64));
        response::write(&self.schema, message, &answer, &mut json).ok_or_else(|| {
            tracing::error!(rpc = rpc.path.as_str(), "the core's answer has no JSON form");
            Fault::internal()
        })?;
        let mut response = Response::new(Body::from(json));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        // What a person sees is for them alone, and may change at any time.
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Ok(response)
    }

    /// The framed message of a request.
    fn encode(
        &self,
        limits: &Limits,
        head: &Parts,
        route: &Route,
        values: &[Cow<'_, str>],
        json: &[u8],
    ) -> Result<Vec<u8>, Fault> {
        let message = self.schema.message(route.request).ok_or_else(Fault::internal)?;
        let mut out = Vec::with_capacity(FRAME_HEAD.saturating_add(json.len()).saturating_add(64));
        out.resize(FRAME_HEAD, 0);
        match route.body {
            BodyRule::Absent => {}
            BodyRule::Whole => {
                expect_json(&head.headers, json)?;
                request::read(&self.schema, message, json, limits.json_depth, &mut out)?;
            }
            BodyRule::Field { number, message } => {
                expect_json(&head.headers, json)?;
                let mut inner = Vec::new();
                let message = self.schema.message(message).ok_or_else(Fault::internal)?;
                request::read(&self.schema, message, json, limits.json_depth, &mut inner)?;
                text::put_bytes(number, &inner, &mut out);
            }
        }
        let mut violations = Vec::new();
        // After the body: what the path says counts, whatever the body says of the same field.
        for (name, value) in route.bound.iter().zip(values) {
            if let Err(description) = query::variable(&self.schema, message, name, value, &mut out) {
                violations.push((name.clone(), description));
            }
        }
        match (head.uri.query().unwrap_or_default(), &route.body) {
            ("", _) => {}
            (_, BodyRule::Whole) => violations.push(("query".to_owned(), "has no place here: use the body".to_owned())),
            (query, _) => {
                if let Err(more) = query::read(&self.schema, message, query, &route.bound, &mut out) {
                    violations.extend(more);
                }
            }
        }
        if !violations.is_empty() {
            return Err(Fault::invalid(violations));
        }
        finish_frame(&mut out);
        Ok(out)
    }
}

/// The answer to a method that a path does not take.
pub(crate) fn not_allowed(allowed: &str) -> Response {
    let mut response = Fault::method_not_allowed(format!("this path takes {allowed} alone")).into_response();
    if let Ok(allowed) = HeaderValue::try_from(allowed) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}

/// A page of another site can send a form, but not JSON without being asked first: the type is required.
pub(crate) fn expect_json(headers: &HeaderMap, body: &[u8]) -> Result<(), Fault> {
    let absent = body.is_empty() && !headers.contains_key(header::CONTENT_TYPE);
    if absent || MediaType::of(headers).is_some_and(|media| media.is("application/json") && media.is_utf8()) {
        return Ok(());
    }
    Err(Fault::malformed("the content type must be application/json, in UTF-8")
        .over_http(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}
