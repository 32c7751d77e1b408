//! Drawn halls, and what is chosen in them; then the same on random halls against a naive reference.

mod drawing;
mod free_map;
mod naive;
mod rules;
mod sell_out;
