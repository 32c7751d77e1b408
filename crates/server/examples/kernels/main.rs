//! The paths that a sale spends its time on, each to be repeated so often that its instructions can be counted.
//!
//! `cargo xtask instructions` runs each of them under valgrind, which counts what goes on in [`counted`] and nothing of what
//! prepares it; the count is divided by the repetitions. Nothing in there may wait. The same run shows where the instructions of a
//! kernel go:
//!
//! ```sh
//! cargo build --example kernels
//! valgrind --tool=callgrind --toggle-collect='kernels::counted*' --callgrind-out-file=kernel.out \
//!   target/debug/examples/kernels decide-booking 2560
//! callgrind_annotate kernel.out
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
    /// How often it is repeated for a count: enough that hash seeds and growing vectors even out, and no more than the house
    /// has seats for.
    repetitions: usize,
    repeat: Repeat,
}

const KERNELS: [Kernel; 9] = [
    Kernel {
        name: "read",
        what: "read the body of a booking, and look its places up",
        repetitions: 1_000,
        repeat: speaking::read,
    },
    Kernel {
        name: "glance",
        what: "refuse a booking at the first look",
        repetitions: 1_000,
        repeat: deciding::glance,
    },
    Kernel {
        name: "refuse",
        what: "all that the server does for a refusal, from the request's head to the problem's body",
        repetitions: 500,
        repeat: speaking::refuse,
    },
    Kernel {
        name: "decide-refusal",
        what: "decide a booking of sold seats under the lock",
        repetitions: 1_000,
        repeat: deciding::decide_refusal,
    },
    Kernel {
        name: "decide-booking",
        what: "decide a booking, of 32 in a batch",
        repetitions: 5_120,
        repeat: deciding::decide_booking,
    },
    Kernel {
        name: "best-available",
        what: "choose the best seats for two, three or four, and take them",
        repetitions: 4_000,
        repeat: deciding::best_available,
    },
    Kernel {
        name: "encode",
        what: "write the answer to a booking",
        repetitions: 200,
        repeat: speaking::encode,
    },
    Kernel {
        name: "write-ledger",
        what: "write and hash the ledger's row of a commit of 32 bookings",
        repetitions: 32,
        repeat: deciding::write_ledger,
    },
    Kernel {
        name: "apply",
        what: "apply a commit of 32 bookings",
        repetitions: 160,
        repeat: deciding::apply,
    },
];

/// What goes on in here is counted, and nothing else is: valgrind looks for this function by its name.
#[inline(never)]
pub(crate) fn counted(work: impl FnOnce()) {
    work();
}

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
