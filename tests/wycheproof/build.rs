//! Says to the source that it is built for these tests.

fn main() {
    println!("cargo::rustc-cfg=wycheproof");
}
