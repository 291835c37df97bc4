//! That the data fit together; whether they are true is seen in `tests/it`.

use super::*;

#[test]
fn names_are_unique_and_languages_are_known() {
    for (idx, server) in ALL.iter().enumerate() {
        assert!(ALL[..idx].iter().all(|other| other.name != server.name), "{}", server.name);
        assert!(!server.argv.is_empty());
        for id in server.languages {
            let is_known = syntax::languages::ALL.iter().any(|language| language.id == *id);
            assert!(is_known, "{}: `{id}` is no language", server.name);
        }
    }
}

#[test]
fn an_environment_of_the_project_is_passed_on() {
    let folder = AbsPathBuf::new("/w").unwrap();
    let python = AbsPathBuf::new("/w/.venv/bin/python").unwrap();
    let server = named("pyright").unwrap();
    let settings = (server.settings)(&Project { folder: folder.clone(), python: Some(python) });
    assert_eq!(settings.sections["python"]["pythonPath"], "/w/.venv/bin/python");
    let settings = (server.settings)(&Project { folder, python: None });
    assert_eq!(settings.sections["python"].get("pythonPath"), None);
}
