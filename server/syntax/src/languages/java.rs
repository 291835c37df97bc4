//! Java; its projects' tests run through Maven or Gradle.

use std::sync::OnceLock;

use crate::language::{Choice, Formatter, Language, Marker, Report, Select, TestRunner};

/// Java, up to records, sealed types and patterns.
pub static JAVA: Language = Language {
    id: "java",
    name: "Java",
    extensions: &["java"],
    file_names: &[],
    shebangs: &[],
    grammar: tree_sitter_java::LANGUAGE,
    mask: None,
    chunk_query: include_str!("java.scm"),
    refs_query: include_str!("java.refs.scm"),
    patterns: OnceLock::new(),
    separator: ".",
    line_comment: "//",
    wrappers: &[],
    leading: &["line_comment", "block_comment", "marker_annotation", "annotation"],
    inner_docs: &[],
    test_prefixes: &["test"],
    test_attributes: &[],
    empty_body: &[
        "",
        "throw new UnsupportedOperationException(",
        "throw new NotImplementedException(",
    ],
    formatters: &[Formatter {
        name: "google-java-format",
        argv: &["google-java-format", "-"],
        config_files: &[],
        markers: &[
            Marker::Contains { file: "pom.xml", text: "googleJavaFormat" },
            Marker::Contains { file: "pom.xml", text: "google-java-format" },
            Marker::Contains { file: "build.gradle", text: "googleJavaFormat" },
            Marker::Contains { file: "build.gradle.kts", text: "googleJavaFormat" },
            Marker::Contains { file: ".pre-commit-config.yaml", text: "google-java-format" },
        ],
        choice: Choice::Configured,
    }],
    tests: &[
        TestRunner {
            name: "maven",
            build: &[],
            argv: &[
                "mvn",
                "--offline",
                "--batch-mode",
                "--fail-at-end",
                // Else a failing test keeps those of the modules behind it from running.
                "-Dmaven.test.failure.ignore=true",
                // What was downloaded through a mirror counts, though the mirror's settings are not seen: nothing is
                // looked up of where a file came from.
                "-Daether.enhancedLocalRepository.trackingFilename=untracked.properties",
                "test",
            ],
            cache: None,
            select: Select::Surefire,
            report: Report::JavaJunit { left: "*/target/surefire-reports/TEST-*.xml" },
            markers: &[Marker::File("pom.xml")],
            nested: None,
            test_files: &["*Test.java", "Test*.java", "*Tests.java", "*TestCase.java"],
        },
        TestRunner {
            name: "gradle",
            build: &[],
            argv: &["gradle", "--offline", "--no-daemon", "--console=plain", "--continue", "test"],
            cache: None,
            // A choice fails in every subproject that has none of the chosen.
            select: Select::None,
            report: Report::JavaJunit { left: "*/build/test-results/*/TEST-*.xml" },
            markers: &[
                Marker::File("build.gradle"),
                Marker::File("build.gradle.kts"),
                Marker::File("settings.gradle"),
                Marker::File("settings.gradle.kts"),
            ],
            nested: None,
            test_files: &["*Test.java", "*Tests.java", "*Test.kt", "*Tests.kt", "*Spec.groovy"],
        },
    ],
};
