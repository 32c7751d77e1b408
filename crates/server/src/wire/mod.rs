//! What travels over HTTP, as types.

pub mod basket;
pub mod chart;
pub mod event;
pub mod order;
pub mod purchase;
pub mod time;
