//! The edge before a core that answers what each test says.

#[cfg(test)]
mod admission;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod deadlines;
#[cfg(test)]
mod early;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod grpc_web;
#[cfg(test)]
mod json;
#[cfg(test)]
mod json_errors;
#[cfg(test)]
mod media;
#[cfg(test)]
mod native;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod rooms;
#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod webhook;
