//! Tells cargo about the folders that are built into the binary: a new file in one of them would
//! otherwise go unnoticed.

fn main() {
    for folder in ["migrations", "policies", "templates"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
