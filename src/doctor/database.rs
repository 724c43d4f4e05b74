//! The database, the data folder, and the core that may be running.

use std::time::Duration;

use chrono::DateTime;
use secrecy::ExposeSecret as _;
use warung_core::{
    Books, MediaConfig, MediaStore, OpenError, StartError, Store, StoreConfig, episodes_by_address,
    gateway::pakasir::NAME as PAKASIR, staff,
};
use warung_proto::{
    identity::{ListStaffRequest, people_service_client::PeopleServiceClient},
    key::Service,
    metadata,
    operations::{
        AuditBooksRequest, AuditBooksResponse, AwaitedGateway, BookFault, ListSettingsRequest,
        operations_service_client::OperationsServiceClient,
    },
};

use super::{Depth, Finding, roles};
use crate::{compose, settings::Settings};

/// How many faults of the books are told.
const BOOK_FAULTS_SHOWN: usize = 10;
/// A core that runs answers within this.
const ANSWER_WITHIN: Duration = Duration::from_secs(3);
/// Proving the books takes calls of a few seconds; the core itself ends no call later.
const BOOKS_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn examine(settings: &Settings, depth: Depth) -> Vec<Finding> {
    let mut findings = vec![folder(settings)];
    findings.extend(media(settings));
    match open(settings).await {
        Ok(Opened::Behind(waiting)) => findings.push(Finding::notice(
            "database",
            format!("can be used, but its schema is not up to date; migrations waiting: {waiting}"),
            "run `warung migrate`; a core that starts does the same",
        )),
        Ok(Opened::Current(store)) => {
            let kind = if store.is_sqlite() { "SQLite" } else { "PostgreSQL" };
            findings.push(Finding::fine("database", format!("{kind} opens, and its schema is up to date")));
            findings.extend(secret_key(settings, &store).await);
            findings.extend(match staff(&store).await {
                Ok(staff) => roles::compared(settings, &staff),
                Err(error) => vec![Finding::fault("roles", format!("can't be read: {error}"), "restore a backup")],
            });
            findings.extend(books(settings, store.clone(), depth).await);
            findings.extend(films(settings, &store).await);
            store.close().await;
        }
        // The usual case on a server: it is running.
        Err(OpenError::InUse(_)) => findings.extend(running_core(settings, depth).await),
        Err(error) => findings.push(Finding::fault(
            "database",
            error.to_string(),
            "check DATABASE_URL (or DB_HOST and its like), that the server runs, and that the user may create tables",
        )),
    }
    findings
}

/// A database that can be used.
enum Opened {
    Current(Store),
    /// So many migrations are waiting: opening it would run them, and whoever looks changes nothing.
    Behind(usize),
}

async fn open(settings: &Settings) -> Result<Opened, OpenError> {
    let config = StoreConfig::new(settings.database_url.expose_secret());
    match Store::waiting_migrations(&config).await? {
        0 => Ok(Opened::Current(Store::open(&config).await?)),
        waiting => Ok(Opened::Behind(waiting)),
    }
}

/// The secret key is the one that the database was made with; nothing of one that belongs to none yet.
async fn secret_key(settings: &Settings, store: &Store) -> Option<Finding> {
    const SUBJECT: &str = "WARUNG_SECRET_KEY";
    match store.knows_secret(settings.secret_key.as_ref()?).await {
        Ok(true) => Some(Finding::fine(SUBJECT, "is the one that the database was made with")),
        Ok(false) => None,
        Err(OpenError::OtherSecret { made_with, in_use }) => Some(Finding::fault(
            SUBJECT,
            format!(
                "is not the one that the database was made with: its id is {in_use}, of the right one {made_with}; goods that \
                 were paid for could not be sent"
            ),
            "set the key that the store had before, or the database that belongs to this key",
        )),
        Err(error) => Some(Finding::fault(SUBJECT, error.to_string(), "restore a backup")),
    }
}

/// Films that are given by address can be watched.
async fn films(settings: &Settings, store: &Store) -> Option<Finding> {
    if settings.public_url.is_some() {
        return None;
    }
    let count = episodes_by_address(store).await.ok().filter(|count| *count > 0)?;
    Some(Finding::fault(
        "films",
        format!("{count} episodes are given by address ({{url}}), and nobody can watch them without WARUNG_PUBLIC_URL"),
        "set WARUNG_PUBLIC_URL: who may watch gets a link of the store's own, which leads to the film",
    ))
}

/// The pictures' store, if it can't be opened.
fn media(settings: &Settings) -> Option<Finding> {
    let config = compose::media(settings);
    let error = MediaStore::open(&config).err()?;
    let remedy = match config {
        MediaConfig::Folder(_) => {
            "make it a folder that the user who runs Warung may write, or move what is in its place"
        }
        MediaConfig::S3(_) => "check WARUNG_MEDIA_URL and the other WARUNG_MEDIA_ settings",
    };
    Some(Finding::fault("media store", format!("can't be opened: {error}"), remedy))
}

/// The books hold.
async fn books(settings: &Settings, store: Store, depth: Depth) -> Vec<Finding> {
    let environment = match compose::environment(settings) {
        Ok(environment) => environment,
        Err(error) => {
            return vec![Finding::fault("books", format!("can't be looked at: {error}"), "set what is missing")];
        }
    };
    let books = match Books::of(store, environment, &compose::media(settings)).await {
        Ok(books) => books,
        Err(StartError::Media(_)) => {
            return vec![Finding::notice("books", "were not looked at: they need the media store", "mend that first")];
        }
        Err(error) => return vec![unreadable(&error)],
    };
    match proof(depth, async |request| books.audit(request).await).await {
        Ok(answer) => answered(settings, &answer),
        Err(error) => vec![unreadable(&error)],
    }
}

fn unreadable(error: &dyn std::fmt::Display) -> Finding {
    Finding::fault("books", format!("can't be looked at: {error}"), "mend the database first")
}

/// A whole proof of the books, call after call.
async fn proof<E>(
    depth: Depth,
    call: impl AsyncFn(AuditBooksRequest) -> Result<AuditBooksResponse, E>,
) -> Result<AuditBooksResponse, E> {
    let mut request = AuditBooksRequest { full: depth.full, page_token: String::new() };
    let mut faults = Vec::new();
    loop {
        let mut answer = call(request.clone()).await?;
        faults.append(&mut answer.faults);
        if answer.next_page_token.is_empty() {
            return Ok(AuditBooksResponse { faults, ..answer });
        }
        let until = answer.proven_until_time.and_then(|time| DateTime::from_timestamp(time.seconds, 0));
        (depth.tell)(&format!("books: proven until {}", until.unwrap_or_default()));
        request.page_token = answer.next_page_token;
    }
}

/// What the core found in its books, and which gateways it waits for.
fn answered(settings: &Settings, answer: &AuditBooksResponse) -> Vec<Finding> {
    found(answer, if settings.pakasir.is_some() { &[PAKASIR] } else { &[] })
}

fn found(answer: &AuditBooksResponse, configured: &[&str]) -> Vec<Finding> {
    let is_configured = |name: &str| configured.contains(&name);
    let missing = answer.awaited_gateways.iter().filter(|awaited| !is_configured(&awaited.gateway));
    let told = missing.map(|AwaitedGateway { gateway, payments }| {
        Finding::fault(
            "gateway",
            format!("{payments} payments of {gateway} are to be asked about, and it is not configured: what is paid there is not seen"),
            "configure it again until they are settled or a week over, or look at its dashboard",
        )
    });
    std::iter::once(proven(&answer.faults)).chain(told).collect()
}

fn proven(faults: &[BookFault]) -> Finding {
    if faults.is_empty() {
        return Finding::fine("books", "every sum holds");
    }
    let worded = |fault: &BookFault| format!("{}: not so with {}", fault.rule, fault.subject);
    let shown: Vec<_> = faults.iter().take(BOOK_FAULTS_SHOWN).map(worded).collect();
    let remedy = "keep a copy of the database as it is, and ask who knows the code: the books are never mended by hand";
    Finding::fault("books", format!("{} faults: {}", faults.len(), shown.join("; ")), remedy)
}

/// The data folder can be written.
fn folder(settings: &Settings) -> Finding {
    let folder = &settings.data_dir;
    let probe = folder.join(".doctor");
    let tried = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"probe"))
        .and_then(|()| std::fs::remove_file(&probe));
    match tried {
        Ok(()) => Finding::fine("WARUNG_DATA_DIR", format!("{} can be written", folder.display())),
        Err(error) => Finding::fault(
            "WARUNG_DATA_DIR",
            format!("{} can't be written: {error}", folder.display()),
            "give the user that runs Warung the folder, or free some space",
        ),
    }
}

/// The core that has the database open answers, takes our key, and proves the books.
async fn running_core(settings: &Settings, depth: Depth) -> Vec<Finding> {
    let (Ok(channel), Some(key)) = (compose::remote_core(settings), compose::service_key(settings)) else {
        return vec![Finding::fault("core", "can't be asked", "set WARUNG_GRPC_ADDR and WARUNG_SECRET_KEY")];
    };
    let key = key.present_as(Service::Operator);
    let client_channel = channel.clone();
    let mut client = OperationsServiceClient::new(channel);
    if let Err(status) = client.list_settings(as_operator(ListSettingsRequest {}, &key, ANSWER_WITHIN)).await {
        return vec![Finding::fault(
            "core",
            format!("has the database open, but does not answer at {}: {}", settings.grpc_addr, status.message()),
            "check that WARUNG_GRPC_ADDR and WARUNG_SECRET_KEY are those that it was started with, or restart it",
        )];
    }
    let core = Finding::fine("core", format!("runs at {} and answers", settings.grpc_addr));
    // The key of services is made of it, unless there is one of its own.
    let secret = if settings.service_key.is_none() {
        Finding::fine("WARUNG_SECRET_KEY", "is that of the core that runs")
    } else {
        Finding::notice(
            "WARUNG_SECRET_KEY",
            "not asked: the database is open in the core that runs, which has compared its own key with it",
            "stop the store to have this one compared",
        )
    };
    let mut people = PeopleServiceClient::new(client_channel);
    let roles = match people.list_staff(as_operator(ListStaffRequest {}, &key, ANSWER_WITHIN)).await {
        Ok(answer) => roles::compared(settings, &answer.get_ref().staff),
        Err(status) => vec![Finding::notice(
            "roles",
            format!("the core did not tell them: {}", status.message()),
            "try again when the store has less to do",
        )],
    };
    let audit = async |request| {
        let mut client = client.clone();
        Ok::<_, tonic::Status>(client.audit_books(as_operator(request, &key, BOOKS_WITHIN)).await?.into_inner())
    };
    let books = match proof(depth, audit).await {
        Ok(answer) => answered(settings, &answer),
        Err(status) => vec![Finding::notice(
            "books",
            format!("the core did not prove them: {}", status.message()),
            "try again when the store has less to do, or while it stands still",
        )],
    };
    [core, secret].into_iter().chain(roles).chain(books).collect()
}

/// A call of the operator's, who proves it by `key`.
fn as_operator<T>(message: T, key: &str, within: Duration) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    request.set_timeout(within);
    if let Ok(key) = key.parse() {
        request.metadata_mut().insert(metadata::SERVICE_KEY, key);
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_is_awaited_and_not_configured_is_named() {
        let awaited = AwaitedGateway { gateway: PAKASIR.to_owned(), payments: 3 };
        let answer = AuditBooksResponse { awaited_gateways: vec![awaited], ..Default::default() };
        assert_eq!(found(&answer, &[PAKASIR]).len(), 1, "the books alone");
        let told = found(&answer, &[]);
        let told = format!("{:?}", told.last());
        assert!(told.contains("3 payments of PAKASIR are to be asked about"), "{told}");
    }
}
