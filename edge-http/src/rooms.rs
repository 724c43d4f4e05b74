//! Room for what is in work: places by what a call waits for, and bytes of bodies. Each kind has bounds of its own, in all
//! and by client address, so that one kind keeps out no other, and nobody's address all the others.
//!
//! Whom a credential names is not known here: what one person holds is bounded where that is known, in the core.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    task::{self, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;
use warung_connections::client;
use warung_proto::{access::Room, descriptor};

use crate::{body, config::Limits, error::Fault};

/// How long bodies may still take to arrive when the process ends.
const LAST_BODIES: Duration = Duration::from_millis(500);
/// An address may hold a quarter of the bytes of its kind.
const SHARE_OF_BYTES: usize = 4;

/// All rooms of an edge.
pub(crate) struct Rooms {
    work: Semaphore,
    wait: Semaphore,
    gateway: Semaphore,
    webhooks: Semaphore,
    /// Of callers without a credential.
    strangers: Shares,
    /// Of webhooks.
    posters: Shares,
    small: Arc<Budget>,
    large: Arc<Budget>,
    posted: Arc<Budget>,
    body_timeout: Duration,
    ending: CancellationToken,
}

/// A place of a request in work; free again when it is dropped.
#[must_use]
pub(crate) struct Place<'r> {
    _room: SemaphorePermit<'r>,
    _share: Option<Share<'r>>,
}

impl Rooms {
    /// `ending` is cancelled when the process ends.
    pub(crate) fn new(limits: &Limits, ending: CancellationToken) -> Self {
        let room = |places: usize| Semaphore::new(places.min(Semaphore::MAX_PERMITS));
        Self {
            work: room(limits.concurrency),
            wait: room(limits.waits),
            gateway: room(limits.gateway_calls),
            webhooks: room(limits.webhooks),
            strangers: Shares::new(limits.strangers),
            posters: Shares::new(limits.webhooks_of_address),
            small: Budget::new(limits.small_bodies_bytes),
            large: Budget::new(limits.large_bodies_bytes),
            posted: Budget::new(limits.webhook_bodies_bytes),
            body_timeout: limits.body_timeout,
            ending,
        }
    }

    /// A place for a call, or the refusal when there is none. `stranger`: the address of a caller who shows no credential.
    pub(crate) fn enter(&self, room: Room, stranger: Option<IpAddr>) -> Result<Place<'_>, Fault> {
        let (room, shares) = match room {
            Room::Unspecified => (&self.work, &self.strangers),
            Room::Wait => (&self.wait, &self.strangers),
            Room::Gateway => (&self.gateway, &self.strangers),
            Room::Webhook => (&self.webhooks, &self.posters),
        };
        let share = match stranger {
            Some(address) => Some(shares.enter(address).ok_or_else(|| Fault::rate_limited(Duration::from_secs(1)))?),
            None => None,
        };
        let room = room.try_acquire().map_err(|_| Fault::unavailable("too much to do at this moment"))?;
        Ok(Place { _room: room, _share: share })
    }

    /// Reads a call's body of at most `limit` bytes. Its bytes are counted as they arrive: who sends slowly holds little.
    pub(crate) async fn read(
        &self,
        headers: &HeaderMap,
        body: Body,
        limit: usize,
        address: IpAddr,
    ) -> Result<Received, Fault> {
        // Text of base64 is a third longer than what a message of the usual size is.
        let budget = if limit > descriptor::REQUEST_BYTES.saturating_mul(2) { &self.large } else { &self.small };
        self.in_time(receive(budget, headers, body, limit, address, self.body_timeout)).await
    }

    /// Reads a webhook's body, from bytes that are kept for them.
    pub(crate) async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: Body,
        limit: usize,
        address: IpAddr,
        timeout: Duration,
    ) -> Result<Received, Fault> {
        self.in_time(receive(&self.posted, headers, body, limit, address, timeout)).await
    }

    /// Waits for a body, and hardly any longer when the process ends.
    async fn in_time(&self, received: impl Future<Output = Result<Received, Fault>>) -> Result<Received, Fault> {
        let too_late = async {
            self.ending.cancelled().await;
            tokio::time::sleep(LAST_BODIES).await;
        };
        tokio::select! {
            // Most bodies are there: whoever has one does not look at the end.
            biased;
            received = received => received,
            () = too_late => Err(Fault::unavailable("this server is ending; another may answer")),
        }
    }
}

/// A body, and what it holds of the bytes in flight until it is dropped.
pub(crate) struct Received {
    pub(crate) bytes: Bytes,
    pub(crate) held: Arc<Held>,
}

async fn receive(
    budget: &Arc<Budget>,
    headers: &HeaderMap,
    body: Body,
    limit: usize,
    address: IpAddr,
    timeout: Duration,
) -> Result<Received, Fault> {
    let held = Arc::new(Held { budget: Arc::clone(budget), address, bytes: AtomicUsize::new(0) });
    let counted = Body::new(Counted { body, left: limit, held: Arc::clone(&held) });
    let bytes = body::read(headers, counted, limit, timeout).await?;
    Ok(Received { bytes, held })
}

/// A body whose bytes are taken from a budget before they are handed on.
struct Counted {
    body: Body,
    /// How many bytes it may still have: what goes beyond is not counted, as it is refused for its length.
    left: usize,
    held: Arc<Held>,
}

/// So many bytes of bodies are in flight that there is no room for this one's.
#[derive(Debug, thiserror::Error)]
#[error("too many bytes of requests are in flight")]
pub(crate) struct NoRoom;

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Option<BodyFrame>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
            && let Some(left) = self.left.checked_sub(data.len())
        {
            if !self.held.take(data.len()) {
                return Poll::Ready(Some(Err(NoRoom.into())));
            }
            self.left = left;
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.size_hint()
    }
}

type BodyFrame = Result<http_body::Frame<Bytes>, axum::BoxError>;

/// What a request holds of a budget; given back when it is dropped.
pub(crate) struct Held {
    budget: Arc<Budget>,
    address: IpAddr,
    bytes: AtomicUsize,
}

impl Held {
    fn take(&self, bytes: usize) -> bool {
        let taken = self.budget.take(self.address, bytes);
        if taken {
            self.bytes.fetch_add(bytes, Ordering::Relaxed);
        }
        taken
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.give_back(self.address, *self.bytes.get_mut());
    }
}

/// Bytes of bodies in flight, in all and by address.
struct Budget {
    left: AtomicUsize,
    shares: Shares,
}

impl Budget {
    fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(bytes), shares: Shares::new(bytes / SHARE_OF_BYTES) })
    }

    fn take(&self, address: IpAddr, bytes: usize) -> bool {
        if !self.shares.take(address, bytes) {
            return false;
        }
        let taken =
            self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok();
        if !taken {
            self.shares.give_back(address, bytes);
        }
        taken
    }

    fn give_back(&self, address: IpAddr, bytes: usize) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
        self.shares.give_back(address, bytes);
    }
}

/// How much each address holds of something. Only addresses that hold any are remembered.
struct Shares {
    most: usize,
    held: Mutex<HashMap<IpAddr, usize>>,
}

impl Shares {
    fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, address: IpAddr, amount: usize) -> bool {
        let mut shares = self.lock();
        let before = shares.get(&client(address)).copied().unwrap_or_default();
        let after = before.saturating_add(amount);
        if amount == 0 || after > self.most {
            return amount == 0;
        }
        shares.insert(client(address), after);
        true
    }

    fn give_back(&self, address: IpAddr, amount: usize) {
        if let Entry::Occupied(mut share) = self.lock().entry(client(address)) {
            let left = share.get().saturating_sub(amount);
            if left == 0 {
                share.remove();
            } else {
                share.insert(left);
            }
        }
    }

    fn enter(&self, address: IpAddr) -> Option<Share<'_>> {
        self.take(address, 1).then_some(Share { shares: self, address })
    }
}

/// One place of an address.
struct Share<'r> {
    shares: &'r Shares,
    address: IpAddr,
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        self.shares.give_back(self.address, 1);
    }
}
