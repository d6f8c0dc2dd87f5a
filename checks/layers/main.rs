//! Fails if files import each other in a circle: `layers FOLDER…`, each the `src` of a crate.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// A module's path, such as `["keys", "hmac"]`; that of `lib.rs` is empty.
type Module = Vec<String>;

fn main() -> ExitCode {
    let mut has_circle = false;
    for folder in env::args().skip(1) {
        let modules = modules(Path::new(&folder));
        let imports: BTreeMap<&Module, BTreeSet<&Module>> = modules
            .iter()
            .map(|(module, file)| (module, imports(module, file, &modules)))
            .collect();
        let count: usize = imports.values().map(BTreeSet::len).sum();
        println!("{folder}: {} files, {count} imports", modules.len());
        // A check that sees no import finds no circle either.
        assert!(count > 0, "{folder} has no imports");
        for circle in circles(&imports) {
            has_circle = true;
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            println!("a circle: {}", names.join(" -> "));
        }
    }
    if has_circle { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// The modules of a crate and their files.
fn modules(folder: &Path) -> BTreeMap<Module, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![(Module::new(), folder.to_owned())];
    while let Some((module, folder)) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
            let child = || module.iter().cloned().chain([name.to_owned()]).collect();
            if path.is_dir() {
                folders.push((child(), path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_own = matches!(name, "lib" | "main" | "mod");
                found.insert(if is_own { module.clone() } else { child() }, path);
            }
        }
    }
    found
}

/// The modules that a file names in paths from `crate`, `super` or `self`.
fn imports<'m>(
    module: &Module,
    file: &Path,
    modules: &'m BTreeMap<Module, PathBuf>,
) -> BTreeSet<&'m Module> {
    let text = fs::read_to_string(file).expect("UTF-8");
    let code: String = text
        .lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]") && !line.starts_with("#[cfg(all(test"))
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = BTreeSet::new();
    for start in ["crate::", "super::", "self::"] {
        for (index, _) in code.match_indices(start) {
            let before = code[..index].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || "_$:".contains(c)) {
                continue;
            }
            for path in tree(&code[index..]).0 {
                found.insert(resolve(module, &path, modules));
            }
        }
    }
    // `use child::Name`, without `self::`.
    for (index, _) in code.match_indices("use ") {
        if code[..index].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        for path in tree(&code[index + "use ".len()..]).0 {
            let child = [&module[..], &path[..1]].concat();
            if modules.contains_key(&child) {
                found.insert(resolve(module, &[vec!["self".to_owned()], path].concat(), modules));
            }
        }
    }
    found.remove(module);
    found
}

/// The paths of a `use` tree, and the text after it.
fn tree(text: &str) -> (Vec<Module>, &str) {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut paths = Vec::new();
        loop {
            let (more, after) = tree(rest);
            paths.extend(more);
            match after.trim_start().strip_prefix(',') {
                Some(after) => rest = after,
                None => return (paths, after.trim_start().strip_prefix('}').unwrap_or("")),
            }
        }
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    match rest.strip_prefix("::") {
        // Nothing follows the last comma of a list.
        None if name.is_empty() => (Vec::new(), rest),
        Some(rest) => {
            let (paths, after) = tree(rest);
            let join = |path: Module| [vec![name.to_owned()], path].concat();
            (paths.into_iter().map(join).collect(), after)
        }
        _ => (vec![vec![name.to_owned()]], rest),
    }
}

/// The longest module that a path names.
fn resolve<'m>(
    module: &Module,
    path: &Module,
    modules: &'m BTreeMap<Module, PathBuf>,
) -> &'m Module {
    let mut full = match path.first().map(String::as_str) {
        Some("crate") => Module::new(),
        Some("super") => module[..module.len().saturating_sub(1)].to_vec(),
        _ => module.clone(),
    };
    for name in &path[1..] {
        if name == "super" {
            full.pop();
        } else {
            full.push(name.clone());
        }
    }
    loop {
        if let Some((known, _)) = modules.get_key_value(&full) {
            return known;
        }
        full.pop();
    }
}

/// One circle for each module that starts one.
fn circles<'m>(imports: &BTreeMap<&'m Module, BTreeSet<&'m Module>>) -> Vec<Vec<&'m Module>> {
    fn visit<'m>(
        module: &'m Module,
        imports: &BTreeMap<&'m Module, BTreeSet<&'m Module>>,
        path: &mut Vec<&'m Module>,
        done: &mut BTreeSet<&'m Module>,
        circles: &mut Vec<Vec<&'m Module>>,
    ) {
        if let Some(start) = path.iter().position(|other| *other == module) {
            circles.push(path[start..].iter().copied().chain([module]).collect());
        } else if !done.contains(module) {
            path.push(module);
            for &import in imports.get(module).into_iter().flatten() {
                visit(import, imports, path, done, circles);
            }
            path.pop();
            done.insert(module);
        }
    }

    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for &module in imports.keys() {
        visit(module, imports, &mut Vec::new(), &mut done, &mut circles);
    }
    circles
}
