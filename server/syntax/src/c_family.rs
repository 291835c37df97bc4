//! The formatter and the test runners that C and C++ share. Their grammars, and all else, are in `languages`.

use crate::language::{BuildCache, Choice, Formatter, Marker, Report, Reuse, Select, TestRunner};

pub(crate) const FORMATTERS: &[Formatter] = &[Formatter {
    name: "clang-format",
    // The nearest `.clang-format` above the file decides; where none is, it is left as it is.
    argv: &["clang-format", "--assume-filename={path}", "--fallback-style=none"],
    config_files: &[".clang-format", "_clang-format"],
    markers: &[Marker::AnyFile { name: ".clang-format", text: "" }],
    choice: Choice::Configured,
}];

pub(crate) const TESTS: &[TestRunner] = &[
    TestRunner {
        name: "ctest",
        build: &[
            &["cmake", "-S", ".", "-B", "{build}"],
            &["cmake", "--build", "{build}", "--parallel", "2"],
        ],
        argv: &["ctest", "--test-dir", "{build}", "--output-junit", "{report}"],
        cache: Some(BuildCache { name: "cmake", env: None, reuse: Reuse::Times }),
        select: Select::Exact { flag: "-R" },
        report: Report::CtestJunit,
        markers: &[
            Marker::All(&[CMAKE, in_cmake("enable_testing")]),
            Marker::All(&[CMAKE, in_cmake("ENABLE_TESTING")]),
            Marker::All(&[CMAKE, in_cmake("include(CTest)")]),
            Marker::All(&[CMAKE, in_cmake("INCLUDE(CTest)")]),
        ],
        nested: None,
        test_files: TEST_FILES,
    },
    TestRunner {
        name: "make-check",
        build: &[],
        argv: &["make", "check"],
        cache: None,
        select: Select::None,
        report: Report::ExitCode,
        markers: &[
            Marker::All(&[in_makefile("\ncheck:"), Marker::AnyFile { name: "*.c", text: "" }]),
            Marker::All(&[in_makefile("\ncheck:"), Marker::AnyFile { name: "*.cpp", text: "" }]),
            Marker::All(&[in_makefile("\ncheck:"), Marker::AnyFile { name: "*.cc", text: "" }]),
        ],
        nested: None,
        test_files: TEST_FILES,
    },
    TestRunner {
        name: "make-test",
        build: &[],
        argv: &["make", "test"],
        cache: None,
        select: Select::None,
        report: Report::ExitCode,
        markers: &[
            Marker::All(&[in_makefile("\ntest:"), Marker::AnyFile { name: "*.c", text: "" }]),
            Marker::All(&[in_makefile("\ntest:"), Marker::AnyFile { name: "*.cpp", text: "" }]),
            Marker::All(&[in_makefile("\ntest:"), Marker::AnyFile { name: "*.cc", text: "" }]),
        ],
        nested: None,
        test_files: TEST_FILES,
    },
];

const CMAKE: Marker = Marker::File("CMakeLists.txt");

const TEST_FILES: &[&str] = &["*test*.c", "*test*.cc", "*test*.cpp", "*test*.cxx"];

const fn in_cmake(text: &'static str) -> Marker {
    Marker::AnyFile { name: "CMakeLists.txt", text }
}

const fn in_makefile(text: &'static str) -> Marker {
    Marker::Contains { file: "Makefile", text }
}
