//! Whatever comes, the edge answers, and never with a fault of its own.

use http::Method;
use proptest::prelude::*;
use warung_proto::{
    identity::{GetMeRequest, GetMeResponse},
    library::{
        FollowTitleRequestRequest, FollowTitleRequestResponse, ListTitlesRequest, ListTitlesResponse, PutTitleRequest,
        PutTitleResponse, RequestTitleRequest, RequestTitleResponse,
    },
};

use crate::support::{World, request};

fn world() -> World {
    let world = World::new();
    world.peer.on("ListTitles", |_: ListTitlesRequest| Ok(ListTitlesResponse::default()));
    world.peer.on("PutTitle", |_: PutTitleRequest| Ok(PutTitleResponse::default()));
    world.peer.on("RequestTitle", |_: RequestTitleRequest| Ok(RequestTitleResponse::default()));
    world.peer.on("FollowTitleRequest", |_: FollowTitleRequestRequest| Ok(FollowTitleRequestResponse::default()));
    world.peer.on("GetMe", |_: GetMeRequest| Ok(GetMeResponse::default()));
    world
}

fn kinds() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "application/json",
        "application/grpc",
        "application/grpc-web",
        "application/grpc-web+proto",
        "application/grpc-web-text",
        "text/plain",
    ])
}

fn paths() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("/warung.library.v1.LibraryService/ListTitles".to_owned()),
        Just("/warung.library.v1.LibraryAdminService/PutTitle".to_owned()),
        Just("/api/v1/titles".to_owned()),
        Just("/api/v1/title-requests".to_owned()),
        Just("/api/v1/handle_movie_request".to_owned()),
        "/api/v1/admin/titles/[!-~&&[^#?]]{0,20}",
        "/api/v1/titles\\?[!-~&&[^#]]{0,40}",
        "/api/v1/title-requests/[a-z%0-9]{1,9}\\?(wait|x|title_request_id)=[0-9a-z.%+-]{0,9}",
        "/[!-~&&[^#?]]{0,30}",
    ]
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        // Frames whose length is often right.
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..60)).prop_map(|(right, message)| {
            let length = u32::try_from(message.len()).unwrap() + u32::from(!right);
            [&[0][..], &length.to_be_bytes(), &message].concat()
        }),
        // Things that look like the JSON of a title.
        "\\{(\"(name|hidden|episodes|releaseYear|chat_id|x)\":(\"a\"|1|-1|1e9|true|null|\\[\\]|\\[\\{\"number\":1\\}\\]|\\{\\}),?){0,4}\\}"
            .prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]
    #[test]
    fn random_requests_are_the_clients_fault(path in paths(), kind in kinds(), body in bodies(), read in any::<bool>()) {
        prop_assume!(path.parse::<http::Uri>().is_ok());
        let method = if read { Method::GET } else if path.contains("/admin/titles/") { Method::PUT } else { Method::POST };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let reply = runtime.block_on(world().send(request(method, &path, &[("content-type", kind)], body)));
        let code = reply.status.as_u16();
        // 501: RPCs that the peer was given no answer for.
        prop_assert!(code < 500 || matches!(code, 501 | 504), "{path} {kind}: {reply:?}");
        let fault = reply.headers.get("grpc-status").and_then(|status| status.to_str().ok()?.parse::<i32>().ok());
        // A message that is no protobuf is INTERNAL for tonic's own server: there the edge has no say.
        let of_the_core = path.starts_with("/warung.");
        prop_assert!(of_the_core || !matches!(fault, Some(2 | 13)), "{path} {kind}: {reply:?}");
    }
}
