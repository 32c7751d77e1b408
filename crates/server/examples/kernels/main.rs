//! The paths that a sale spends its time on, each to be repeated so often that its instructions can be counted.
//!
//! `cargo xtask instructions` runs each of them twice, with different numbers of repetitions, and divides: what preparing
//! costs falls out. So preparing must not depend on how often a kernel is repeated, and nothing here may wait. With callgrind
//! in the stead of the counter the same program shows where the instructions of one kernel go:
//!
//! ```sh
//! cargo build --example kernels
//! valgrind --tool=callgrind target/debug/examples/kernels decide-booking 2000
//! ```
//!
//! In reading order: [`house`] (what is sold, and to whom), [`deciding`] (the domain's and the engine's kernels),
//! [`speaking`] (the server's).
#![expect(clippy::print_stdout, reason = "an example tells what it knows")]
#![expect(clippy::unwrap_used, reason = "an example may stop at the first fault")]

mod deciding;
mod house;
mod speaking;

/// The product's allocator: a part of what is counted, and its version is in Cargo.lock. The machine's own would change with the
/// machine.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Prepares a kernel, and repeats it so often.
type Repeat = fn(usize);

/// A path whose instructions are counted.
struct Kernel {
    name: &'static str,
    what: &'static str,
    /// How often it is repeated for a count, and twice that for the other. Enough that hash seeds and growing vectors even out;
    /// no more than the house has seats for.
    repetitions: usize,
    repeat: Repeat,
}

const KERNELS: [Kernel; 9] = [
    Kernel {
        name: "read",
        what: "read the body of a booking, and look its places up",
        repetitions: 10_000,
        repeat: speaking::read,
    },
    Kernel {
        name: "glance",
        what: "refuse a booking at the first look",
        repetitions: 20_000,
        repeat: deciding::glance,
    },
    Kernel {
        name: "refuse",
        what: "all that the server does for a refusal, from the request's head to the problem's body",
        repetitions: 2_000,
        repeat: speaking::refuse,
    },
    Kernel {
        name: "decide-refusal",
        what: "decide a booking of sold seats under the lock",
        repetitions: 20_000,
        repeat: deciding::decide_refusal,
    },
    Kernel {
        name: "decide-booking",
        what: "decide a booking, of 32 in a batch",
        repetitions: 2_560,
        repeat: deciding::decide_booking,
    },
    Kernel {
        name: "best-available",
        what: "choose the best seats for two, three or four, and take them",
        repetitions: 2_000,
        repeat: deciding::best_available,
    },
    Kernel {
        name: "encode",
        what: "write the answer to a booking",
        repetitions: 2_000,
        repeat: speaking::encode,
    },
    Kernel {
        name: "write-ledger",
        what: "write and hash the ledger's row of a commit of 32 bookings",
        repetitions: 80,
        repeat: deciding::write_ledger,
    },
    Kernel { name: "apply", what: "apply a commit of 32 bookings", repetitions: 80, repeat: deciding::apply },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [word] if word == "list" => {
            for Kernel { name, what, repetitions, .. } in KERNELS {
                println!("{name}\t{repetitions}\t{what}");
            }
        }
        [name, count] => {
            let kernel = KERNELS.iter().find(|kernel| kernel.name == *name);
            let kernel = kernel.unwrap_or_else(|| panic!("there is no kernel {name:?}; `list` names them"));
            let count = count.parse().unwrap_or_else(|_| panic!("{count:?} is no number of repetitions"));
            (kernel.repeat)(count);
        }
        _ => panic!("usage: kernels list, or kernels NAME COUNT"),
    }
}
