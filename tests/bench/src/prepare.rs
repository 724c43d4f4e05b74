//! What a server is asked for by whoever runs it, before it is measured and after.

use std::time::{Duration, Instant};

use warung_proto::{
    catalog::{AddStockRequest, catalog_admin_service_client::CatalogAdminServiceClient},
    key::{Service, ServiceKey},
    library::{ListTitlesRequest, library_service_client::LibraryServiceClient},
    metadata,
    operations::{
        AuditBooksRequest, PutMediaRequest, UpdateSettingRequest, media_service_client::MediaServiceClient,
        operations_service_client::OperationsServiceClient,
    },
};

use crate::{
    Failure,
    client::{channel, of_user},
    fixture::User,
    server::{SERVICE_KEY, Server},
    shop::{HOT, Prepared, code},
};

/// Limits that bind a real store, raised out of the way: what is measured is the code.
const SETTINGS: &[(&str, &str)] = &[
    ("messaging.bot_per_second", "10000"),
    ("order.unpaid_max", "100"),
    ("messaging.chat_interval_ms", "0"),
    ("rate.film_per_minute", "1000000"),
    ("rate.read_per_minute", "1000000"),
    ("rate.write_per_minute", "1000000"),
];
/// A request of whoever runs the server.
fn of_operator<T>(message: T) -> Result<tonic::Request<T>, Failure> {
    let mut request = tonic::Request::new(message);
    let key = ServiceKey::new(SERVICE_KEY).present_as(Service::Operator);
    request.metadata_mut().insert(metadata::SERVICE_KEY, key.parse()?);
    Ok(request)
}

/// Raises the limits, and uploads a poster. Answers the hash of the poster.
pub(crate) async fn prepare(server: &Server) -> Result<String, Failure> {
    let channel = channel(server.grpc).await?;
    for (number, (key, value)) in SETTINGS.iter().enumerate() {
        let request = UpdateSettingRequest {
            request_id: format!("00000000-0000-4000-9000-{number:012x}"),
            key: (*key).to_owned(),
            value: (*value).to_owned(),
            etag: "*".to_owned(),
        };
        OperationsServiceClient::new(channel.clone()).update_setting(of_operator(request)?).await?;
    }
    let mut content = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_fn(320, 480, |x, y| {
        let shade = u8::try_from((x ^ y) % 256).unwrap_or_default();
        image::Rgb([shade, shade / 2, 90])
    });
    picture.write_to(&mut content, image::ImageFormat::Png)?;
    let request_id = "00000000-0000-4000-a000-000000000000".to_owned();
    let request = PutMediaRequest { request_id, content: content.into_inner().into() };
    let answer = MediaServiceClient::new(channel).put_media(of_operator(request)?).await?.into_inner();
    let media_id = answer.media.unwrap_or_default().media_id;
    Ok(media_id.strip_prefix("med_").ok_or("the poster has no id")?.to_owned())
}

/// How long a proof of all books takes. What it finds is no matter: the stock of a store that was filled is counted only.
pub(crate) async fn prove(server: &Server) -> Result<Duration, Failure> {
    let mut client = OperationsServiceClient::new(channel(server.grpc).await?);
    let started = Instant::now();
    let mut request = AuditBooksRequest { full: true, ..AuditBooksRequest::default() };
    loop {
        request.page_token = client.audit_books(of_operator(request.clone())?).await?.into_inner().next_page_token;
        if request.page_token.is_empty() {
            return Ok(started.elapsed());
        }
    }
}

/// The most lines that are added at once.
const LINES_MAX: u64 = 1_000;

/// Adds the stock that settlements will sell.
pub(crate) async fn stock(server: &Server, prepared: Prepared) -> Result<(), Failure> {
    let mut client = CatalogAdminServiceClient::new(channel(server.grpc).await?);
    let mut requests = 0_u64;
    for product in 1..=HOT {
        let count = prepared.lines(product);
        let mut added = 0;
        while added < count {
            let some = (count - added).min(LINES_MAX);
            let lines =
                (added..added + some).map(|line| format!("akun-{product}-{line}@contoh.id | kata-sandi-{line}"));
            let request_id = format!("00000000-0000-4000-b000-{requests:012x}");
            let request = AddStockRequest { request_id, code: code(product), lines: lines.collect() };
            client.add_stock(of_operator(request)?).await?;
            requests = requests.saturating_add(1);
            added += some;
        }
    }
    Ok(())
}

/// The ids of the first titles.
pub(crate) async fn titles(server: &Server, count: u64) -> Result<Vec<String>, Failure> {
    let mut client = LibraryServiceClient::new(channel(server.grpc).await?);
    let (mut found, mut page_token) = (Vec::new(), String::new());
    let count = usize::try_from(count)?;
    loop {
        let request = ListTitlesRequest { page_size: 100, page_token, ..ListTitlesRequest::default() };
        let page = client.list_titles(of_user(request, &User::new(0))).await?.into_inner();
        found.extend(page.titles.into_iter().map(|title| title.title_id));
        page_token = page.next_page_token;
        if page_token.is_empty() || found.len() >= count {
            return if found.len() >= count { Ok(found) } else { Err(format!("{} titles listed", found.len()).into()) };
        }
    }
}
