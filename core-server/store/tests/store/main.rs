//! The store against both databases: one program, so that all tests share one PostgreSQL cluster.

#[cfg(test)]
mod catalog;
#[cfg(test)]
mod common;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod faults_postgres;
#[cfg(test)]
mod faults_sqlite;
#[cfg(test)]
mod later;
#[cfg(test)]
mod library;
#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod round_trip_shop;
#[cfg(test)]
mod running;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod secret;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod user;
