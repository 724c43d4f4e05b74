//! The generated clients, and those who have none: each asks a running store.

// So that clippy takes the helpers below for tests as well.
#![cfg(test)]

mod support;

use std::collections::BTreeSet;

use support::{demo, need, project, succeeds};
use tokio::process::Command;
use tokio_stream::StreamExt as _;
use tonic::{Request, transport::Endpoint};
use tonic_reflection::pb::v1::{
    ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
    server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
};
use uuid::Uuid;
use warung::{
    compose,
    demo::{BOT_USERNAME, Demo, FREE, VIP},
};
use warung_proto::{
    descriptor,
    identity::{CreateApiKeyRequest, api_key_service_client::ApiKeyServiceClient},
    key::Service,
    metadata,
};

/// A title that the sample library copies from a channel.
const TITLE: &str = "kopi-tubruk-jam-dua-pagi";

/// A product of the sample library that is in stock.
const PRODUCT: &str = "akun-senandung-30";
/// A VIP plan of the sample library.
const VIP_PLAN: &str = "vip-7-hari";

/// The secret of a new API key with every scope.
async fn api_key(demo: &Demo, number: u128) -> String {
    let core = compose::remote_core(&demo.settings).expect("the demo's core has an address");
    let scopes: BTreeSet<String> = descriptor::methods()
        .filter_map(|method| descriptor::access(&method))
        .flat_map(|access| access.scopes)
        .collect();
    let mut request = Request::new(CreateApiKeyRequest {
        request_id: Uuid::from_u128(number).to_string(),
        name: format!("client {number}"),
        scopes: scopes.into_iter().collect(),
    });
    let key = compose::service_key(&demo.settings).expect("the demo has a key").present_as(Service::Operator);
    request.metadata_mut().insert(metadata::SERVICE_KEY, key.parse().expect("a key fits into a header"));
    let made = ApiKeyServiceClient::new(core).create_api_key(request).await.expect("the operator makes keys");
    made.into_inner().secret
}

/// What a program that sells is told of the demo. The buyer has pressed Start, and is no member.
async fn seller_of(demo: &Demo, program: &mut Command) {
    let sim = demo.telegram.sim();
    sim.user(FREE).press_start(sim.bot(BOT_USERNAME).expect("the demo has its bot"), None).expect("she presses Start");
    program.env("WARUNG_API_KEY", api_key(demo, 1).await).env("WARUNG_OTHER_API_KEY", api_key(demo, 2).await);
    program.env("WARUNG_PAKASIR_URL", demo.pakasir.url()).env("WARUNG_BUYER_ID", FREE.to_string());
    program.env("WARUNG_PRODUCT_CODE", PRODUCT).env("WARUNG_VIP_CODE", VIP_PLAN);
}

/// Raw init data of a member who has pressed Start.
fn signed_member(demo: &Demo) -> String {
    let sim = demo.telegram.sim();
    let bot = sim.bot(BOT_USERNAME).expect("the demo has its bot");
    let ayu = sim.user(VIP);
    ayu.press_start(bot, None).expect("she presses Start");
    ayu.open_mini_app(bot).expect("the bot has a Mini App").init_data
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_gets_a_film_by_the_core_and_by_the_edge() {
    need("clients/python/.venv/bin/pytest", "make clients/python/.venv/installed.txt");
    let demo = demo().await;
    let folder = project().join("clients/python");
    for address in [demo.settings.grpc_addr.clone(), edge_of(&demo)] {
        let mut python = Command::new(folder.join(".venv/bin/python"));
        python.current_dir(&folder).args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_live.py"]);
        python.env("WARUNG_GRPC_ADDR", &address).env("WARUNG_TITLE_CODE", TITLE);
        python.env("WARUNG_INIT_DATA", signed_member(&demo));
        succeeds(&mut python).await;
    }
    demo.stop().await.expect("the demo ends cleanly");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_sells_by_an_api_key() {
    let demo = demo().await;
    sells_by_python(&demo, &demo.settings.grpc_addr).await;
    demo.stop().await.expect("the demo ends cleanly");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_python_client_sells_at_the_edges_port_with_all_errors_as_at_the_cores() {
    let demo = demo().await;
    sells_by_python(&demo, &edge_of(&demo)).await;
    demo.stop().await.expect("the demo ends cleanly");
}

async fn sells_by_python(demo: &Demo, address: &str) {
    need("clients/python/.venv/bin/pytest", "make clients/python/.venv/installed.txt");
    let folder = project().join("clients/python");
    let mut python = Command::new(folder.join(".venv/bin/python"));
    python.current_dir(folder).args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_live_order.py"]);
    python.env("WARUNG_GRPC_ADDR", address);
    seller_of(demo, &mut python).await;
    succeeds(&mut python).await;
}

/// Where the demo's edge listens, as host and port.
fn edge_of(demo: &Demo) -> String {
    demo.settings.http_addr.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_typescript_client_sells_by_an_api_key() {
    need("clients/node_modules/.bin/vitest", "cd clients && npm ci");
    let demo = demo().await;
    let mut npm = Command::new("npm");
    npm.current_dir(project().join("clients/typescript")).args(["run", "--silent", "test:live:order"]);
    npm.env("WARUNG_URL", demo.http_url());
    seller_of(&demo, &mut npm).await;
    succeeds(&mut npm).await;
    demo.stop().await.expect("the demo ends cleanly");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_typescript_client_gets_a_film() {
    need("clients/node_modules/.bin/vitest", "cd clients && npm ci");
    let demo = demo().await;
    let mut npm = Command::new("npm");
    npm.current_dir(project().join("clients/typescript")).args(["run", "--silent", "test:live"]);
    npm.env("WARUNG_URL", demo.http_url()).env("WARUNG_TITLE_CODE", TITLE);
    npm.env("WARUNG_INIT_DATA", signed_member(&demo));
    succeeds(&mut npm).await;
    demo.stop().await.expect("the demo ends cleanly");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reflection_names_every_service_and_describes_it() {
    let demo = demo().await;
    let core = Endpoint::from_shared(format!("http://{}", demo.settings.grpc_addr)).expect("an address");
    let mut client = ServerReflectionClient::new(core.connect().await.expect("the core is reached"));
    let ours: BTreeSet<String> =
        descriptor::methods().map(|method| method.parent_service().full_name().to_owned()).collect();
    assert!(ours.len() > 4, "{ours:?}");
    let mut questions = vec![MessageRequest::ListServices(String::new())];
    questions.extend(ours.iter().cloned().map(MessageRequest::FileContainingSymbol));
    let asked: Vec<_> = questions
        .into_iter()
        .map(|question| ServerReflectionRequest { host: String::new(), message_request: Some(question) })
        .collect();
    let answers = client.server_reflection_info(tokio_stream::iter(asked)).await;
    let mut answers = answers.expect("reflection answers").into_inner();

    let listed = answers.next().await.expect("a list").expect("a list").message_response;
    let Some(MessageResponse::ListServicesResponse(listed)) = listed else { panic!("no list: {listed:?}") };
    let listed: BTreeSet<String> = listed.service.into_iter().map(|service| service.name).collect();
    assert!(listed.is_superset(&ours), "{listed:?} lacks some of {ours:?}");
    for service in &ours {
        let described = answers.next().await.expect("a description").expect("a description").message_response;
        let Some(MessageResponse::FileDescriptorResponse(files)) = described else {
            panic!("{service}: {described:?}")
        };
        assert!(!files.file_descriptor_proto.is_empty(), "{service}");
    }
    demo.stop().await.expect("the demo ends cleanly");
}
