//! The helper of this crate's own tests: what `baton __sandbox` is in the product; does nothing else.

fn main() {
    sandbox::helper_main(std::env::args_os().skip(1))
}
