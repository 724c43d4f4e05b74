//! What areas keep in a process beside the database: caches, and those who wait.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

/// The parts of one engine. An area names its own by its type, so that the engine knows none of them.
#[derive(Default)]
pub(super) struct Parts(RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

impl Parts {
    /// The part of this type: a handle, of which all clones are the same part. It is made when it is first wanted.
    pub(super) fn get<T: Clone + Default + Send + Sync + 'static>(&self) -> T {
        let of = |part: &Box<dyn Any + Send + Sync>| part.downcast_ref::<T>().cloned();
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&TypeId::of::<T>()).and_then(of);
        known.unwrap_or_else(|| {
            let mut parts = self.0.write().unwrap_or_else(PoisonError::into_inner);
            of(parts.entry(TypeId::of::<T>()).or_insert_with(|| Box::new(T::default()))).unwrap_or_default()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    };

    use super::*;

    #[test]
    fn a_part_is_one_for_all_who_ask_and_another_in_another_engine() {
        let (one, other) = (Parts::default(), Parts::default());
        let parts: Vec<_> = (0..8).map(|_| one.get::<Arc<AtomicU32>>()).collect();
        for part in &parts {
            part.fetch_add(1, Ordering::SeqCst);
        }
        assert_eq!(one.get::<Arc<AtomicU32>>().load(Ordering::SeqCst), 8);
        assert_eq!(other.get::<Arc<AtomicU32>>().load(Ordering::SeqCst), 0);
        assert_eq!(*one.get::<Arc<String>>(), "", "of another type");
    }
}
