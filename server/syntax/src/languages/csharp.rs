//! C#; its tests run through the `dotnet` program. No formatter: there is none that reads standard input in all its versions.

use std::sync::OnceLock;

use crate::language::{Language, Marker, Report, Select, TestRunner};
use crate::preprocessor;

/// C#, with top-level statements and file-scoped namespaces.
pub static CSHARP: Language = Language {
    id: "csharp",
    name: "C#",
    extensions: &["cs", "csx"],
    file_names: &[],
    shebangs: &["dotnet-script"],
    grammar: tree_sitter_c_sharp::LANGUAGE,
    mask: Some(preprocessor::mask_csharp),
    chunk_query: include_str!("csharp.scm"),
    refs_query: include_str!("csharp.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["comment", "attribute_list"],
    inner_docs: &[],
    test_prefixes: &[],
    test_attributes: &[],
    empty_body: &["", "throw new NotImplementedException("],
    formatters: &[],
    tests: &[TestRunner {
        name: "dotnet",
        build: &[],
        argv: &["dotnet", "test", "--nologo", "--logger", "trx"],
        cache: None,
        select: Select::DotnetFilter,
        report: Report::Trx { left: "*/TestResults/*.trx" },
        markers: &[
            Marker::All(&[Marker::Named("*.sln"), TEST_PROJECT]),
            Marker::All(&[Marker::Named("*.slnx"), TEST_PROJECT]),
            Marker::All(&[Marker::Named("*.csproj"), TEST_PROJECT]),
        ],
        nested: None,
        test_files: &["*Tests.cs", "*Test.cs"],
    }],
};

const TEST_PROJECT: Marker = Marker::AnyFile { name: "*.csproj", text: "Microsoft.NET.Test.Sdk" };
