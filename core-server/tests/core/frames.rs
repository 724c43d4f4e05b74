//! What is no call of the API, and the API over a real connection.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt as _;
use prost::Message as _;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, body::Body, client::Grpc};
use tonic_prost::ProstCodec;
use tower::ServiceExt as _;
use warung_proto::{
    ErrorReason, channel, error,
    identity::{CreateSessionRequest, GetMeRequest, identity_service_client::IdentityServiceClient},
    library::{
        ListTitlesRequest, PutTitleRequest, RequestTitleRequest, library_service_client::LibraryServiceClient,
        title_request::State,
    },
    operations::{GetMediaRequest, PutMediaRequest, get_media_request::Variant},
};
use warung_store::{
    on_both_databases,
    testing::{Kind, TestDatabase},
};

use crate::support::{BUYER, Caller, Shop, assert_refused, file, free, picture, sent, title};

on_both_databases! {
    a_film_is_asked_for_over_a_real_connection;
    a_picture_is_kept_with_its_thumbnail;
}

const LIST_TITLES: &str = "/warung.library.v1.LibraryService/ListTitles";

async fn shop() -> Shop {
    Shop::open(TestDatabase::new(Kind::Sqlite).await).await
}

/// Sends raw bytes as the body of a call. Answers how it ended.
async fn send(shop: &Shop, content_type: &str, body: &[u8], encoding: Option<&str>) -> (u16, Option<Status>) {
    let body = Body::new(http_body_util::Full::new(Bytes::copy_from_slice(body)).map_err(|never| match never {}));
    let mut request = Request::post(format!("http://core{LIST_TITLES}")).header("content-type", content_type);
    if let Some(encoding) = encoding {
        request = request.header("grpc-encoding", encoding);
    }
    let answer: Response<Body> = shop.core.channel().oneshot(request.body(body).unwrap()).await.unwrap();
    let code = answer.status().as_u16();
    if let Some(status) = Status::from_header_map(answer.headers()) {
        return (code, Some(status));
    }
    let trailers = answer.into_body().collect().await.ok().and_then(|body| body.trailers().cloned());
    (code, trailers.and_then(|trailers| Status::from_header_map(&trailers)))
}

#[tokio::test]
async fn a_frame_that_can_not_be_read_is_an_invalid_argument() {
    let shop = shop().await;
    let good = ListTitlesRequest::default().encode_to_vec();
    let frame = |flag: u8, length: u32, rest: &[u8]| [&[flag][..], &length.to_be_bytes(), rest].concat();
    let (code, status) = send(&shop, "application/grpc", &frame(0, 0, &good), None).await;
    assert_eq!((code, status.unwrap().code()), (200, Code::Ok));
    for (name, body) in [
        ("nothing", Vec::new()),
        ("half a header", vec![0, 0]),
        ("cut", frame(0, 10, &[8, 1])),
        ("longer than anything", frame(0, u32::MAX, &[8, 1])),
        ("a wrong wire type", frame(0, 2, &[0x0d, 1])),
        ("an endless number", frame(0, 11, &[8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
        ("text that is not UTF-8", frame(0, 3, &[0x12, 1, 0xff])),
        ("compressed, without saying how", frame(1, 2, &[8, 1])),
        ("an unknown flag", frame(7, 2, &[8, 1])),
    ] {
        let (code, status) = send(&shop, "application/grpc", &body, None).await;
        let status = status.unwrap_or_else(|| panic!("{name}: no status"));
        assert_eq!(
            (code, status.code(), error::reason(&status)),
            (200, Code::InvalidArgument, ErrorReason::InvalidArgument),
            "{name}"
        );
    }
    let (_, status) = send(&shop, "application/grpc", &frame(1, 2, &[8, 1]), Some("br")).await;
    let status = status.unwrap();
    assert_eq!((status.code(), error::reason(&status)), (Code::Unimplemented, ErrorReason::Unimplemented));
}

#[tokio::test]
async fn unknown_fields_are_left_aside() {
    let shop = shop().await;
    let mut grpc = Grpc::new(shop.core.channel());
    grpc.ready().await.unwrap();
    // A session's init data is no field of a list: its number is the page size's, of another type.
    let wrong = CreateSessionRequest { init_data: "x".into() };
    let call = grpc.unary(Caller::operator().says(wrong), LIST_TITLES.parse().unwrap(), ProstCodec::<_, ()>::default());
    assert_refused(call.await, Code::InvalidArgument, ErrorReason::InvalidArgument);
    // Field 9 of a title is none of GetMe's.
    grpc.ready().await.unwrap();
    let more = PutTitleRequest { hidden: true, ..Default::default() };
    let buyer = shop.user(BUYER).await;
    let path = "/warung.identity.v1.IdentityService/GetMe".parse().unwrap();
    grpc.unary(buyer.says(more), path, ProstCodec::<_, ()>::default()).await.unwrap();
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_before_it_is_read() {
    let shop = shop().await;
    let huge = CreateSessionRequest { init_data: "x".repeat(5 << 20) };
    let refused = shop.identity().create_session(Caller::edge().says(huge)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    let content = Bytes::from(vec![0; (2 << 20) + 1]);
    let message = PutMediaRequest { request_id: shop.request_id(), content };
    let refused = shop.media().put_media(Caller::operator().says(message)).await;
    assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    for content in [Bytes::new(), Bytes::from_static(b"GIF89a"), picture(1).slice(..40)] {
        let message = PutMediaRequest { request_id: shop.request_id(), content };
        let refused = shop.media().put_media(Caller::operator().says(message)).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
    }
}

async fn a_picture_is_kept_with_its_thumbnail(database: TestDatabase) {
    let shop = Shop::open(database).await;
    let message = PutMediaRequest { request_id: shop.request_id(), content: picture(1) };
    let media = shop.media().put_media(Caller::operator().says(message)).await.unwrap().into_inner().media.unwrap();
    assert_eq!((media.content_type.as_str(), media.width, media.height), ("image/png", 8, 12));
    let get = async |media_id: &str, variant: Variant| {
        let message = GetMediaRequest { media_id: media_id.into(), variant: variant.into() };
        shop.media().get_media(Caller::edge().says(message)).await.map(tonic::Response::into_inner)
    };
    assert_eq!(get(&media.media_id, Variant::Unspecified).await.unwrap().content, picture(1));
    let thumbnail = get(&media.media_id, Variant::Thumbnail).await.unwrap();
    assert_eq!(thumbnail.content_type, "image/jpeg");
    assert!(thumbnail.content.len() <= 30_000);
    let unknown = format!("med_{}", "0".repeat(64));
    for id in ["", "../../etc/passwd", "med_", &unknown, &media.media_id.to_uppercase()] {
        assert_refused(get(id, Variant::Unspecified).await, Code::NotFound, ErrorReason::NotFound);
    }

    // The bot uploads it once; then its id at the messenger stands for it, for that bot.
    let mut film = title("filem", [free(file())]);
    film.poster_media_id.clone_from(&media.media_id);
    shop.put(film).await;
    let worker = shop.worker("w1");
    for (telegram_id, known) in [(BUYER, ""), (BUYER + 1, "AgACAgUA")] {
        shop.request(&Caller::bot().acting_for(telegram_id), "filem").await.unwrap();
        let delivery = worker.claim_one().await;
        let Some(warung_proto::messaging::content::Media::Photo(photo)) =
            &crate::support::Says::content(&delivery).media
        else {
            panic!("{delivery:?}");
        };
        assert_eq!((&photo.media_id, photo.file_id.as_str()), (&media.media_id, known));
        let uploaded = warung_proto::messaging::Sent { message_id: 1, uploaded_file_id: "AgACAgUA".into() };
        worker.report(&delivery, warung_proto::messaging::delivery_report::Outcome::Sent(uploaded)).await;
    }
}

async fn a_film_is_asked_for_over_a_real_connection(database: TestDatabase) {
    let shop = Shop::patient(database).await;
    shop.put(title("filem", [free(file())])).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let shutdown = CancellationToken::new();
    let remote = channel::remote(&address).unwrap();
    let calls = async {
        let mut library = LibraryServiceClient::new(remote.clone());
        let mut identity = IdentityServiceClient::new(remote);
        let buyer = Caller::edge().with_init_data(&shop.launch(BUYER));
        let message =
            RequestTitleRequest { request_id: shop.request_id(), title_id: "filem".into(), ..Default::default() };
        let hurried = buyer.clone().within(Duration::from_millis(50));
        let refused = library.request_title(hurried.says(message.clone())).await.unwrap_err();
        assert_eq!(error::reason(&refused), ErrorReason::DeadlineExceeded, "{refused:?}");
        let worker = shop.worker("w1");
        let (found, _) = tokio::join!(library.request_title(buyer.says(message)), worker.carry_out(sent(1)));
        assert_eq!(found.unwrap().into_inner().title_request.unwrap().state(), State::Sent);
        // The longest init data that is looked at comes through, and is refused for what it is.
        let long = Caller::edge().with_init_data(&"x".repeat(16 * 1_024));
        let refused = identity.get_me(long.says(GetMeRequest {})).await;
        assert_refused(refused, Code::Unauthenticated, ErrorReason::InitDataInvalid);
        let refused =
            library.list_titles(Caller::nobody().says(ListTitlesRequest { page_size: -1, ..Default::default() })).await;
        assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidArgument);
        shutdown.cancel();
    };
    let both = Box::pin(async { tokio::join!(shop.core.serve(listener, shutdown.clone()), calls) });
    let (served, ()) = crate::support::soon(both).await;
    served.unwrap();
}
