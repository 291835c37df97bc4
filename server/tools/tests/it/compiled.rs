//! Runners of languages that are compiled: a failing test, the view that repairs it, what does not compile, and what is no
//! answer. They take seconds each, so all of them are slow tests.

use expect_test::expect;
use sandbox::View;

use crate::support::{Workspace, full, needs, show, slow, view};

const GO: &str = r#"
//- /go.mod
module example.com/calc // a comment

go 1.19
//- /calc.go
package calc

func Add(a, b int) int { return a - b }
//- /calc_test.go
package calc

import "testing"

func TestZero(t *testing.T) {
	if Add(0, 0) != 0 {
		t.Fatal("not zero")
	}
}

func TestAdd(t *testing.T) {
	for name, b := range map[string]int{"one": 1, "a b": 2} {
		t.Run(name, func(t *testing.T) {
			if got := Add(1, b); got != 1+b {
				t.Errorf("got %d", got)
			}
		})
	}
}

func TestLater(t *testing.T) { t.Skip("later") }
//- /sub/sub.go
package sub

func One() int { return 1 }
//- /sub/sub_test.go
package sub

import "testing"

func TestZero(t *testing.T) {
	if One() != 1 {
		t.Fatal("not one")
	}
}
//- /plain/plain.go
package plain
//- /in/go.mod
module example.com/in

go 1.19
//- /in/deep/deep_test.go
package deep

import "testing"

func TestDeep(t *testing.T) {
	t.Error("no")
}
"#;

#[tokio::test]
async fn go() {
    if !slow() {
        return;
    }
    needs("go");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(GO);
    let [command, nested] = workspace.commands().try_into().unwrap();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        ok build
        ok example.com/calc/sub::TestZero
        FAILED example.com/calc::TestAdd
        FAILED example.com/calc::TestAdd/a_b @calc_test.go:15
        FAILED example.com/calc::TestAdd/one @calc_test.go:15
        skipped example.com/calc::TestLater
        ok example.com/calc::TestZero
    "#]]
    .assert_eq(&show(&before));
    expect!["    calc_test.go:15: got 0"]
        .assert_eq(&before.cases["example.com/calc::TestAdd/one"].message);
    let fixed =
        view(&[("calc.go", Some("package calc\n\nfunc Add(a, b int) int { return a + b }\n"))]);
    let ids = ["example.com/calc::TestAdd/a_b".to_owned()];
    let after = workspace.run_some(&sandbox, &command, fixed, Some(&ids)).await;
    expect![[r#"
        ok build
        ok example.com/calc::TestAdd
        ok example.com/calc::TestAdd/a_b
        ok example.com/calc::TestAdd/one
    "#]]
    .assert_eq(&show(&after));
    let again = workspace.run(&sandbox, &command, View::default()).await;
    assert_eq!(show(&again), show(&before), "nothing of the candidate is left");
    let deep = workspace.run(&sandbox, &nested, View::default()).await;
    expect![[r#"
        ok build
        FAILED example.com/in/deep::TestDeep @in/deep/deep_test.go:6
    "#]]
    .assert_eq(&show(&deep));

    let run = async |path: &str, text: &str| {
        workspace.run(&sandbox, &command, view(&[(path, Some(text))])).await
    };
    let broken = run("sub/sub.go", "package sub\n\nfunc One() int { return y }\n").await;
    expect![[r#"
        FAILED build
        FAILED example.com/calc::TestAdd
        FAILED example.com/calc::TestAdd/a_b @calc_test.go:15
        FAILED example.com/calc::TestAdd/one @calc_test.go:15
        skipped example.com/calc::TestLater
        ok example.com/calc::TestZero
    "#]]
    .assert_eq(&show(&broken));
    let message = &broken.cases["build"].message;
    assert!(message.contains("\nsub/sub.go:3:25: undefined: y"), "{message}");
    let vetted = run("sub/sub_test.go", "package sub\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestZero(t *testing.T) { fmt.Printf(\"%d\", \"x\") }\n").await;
    expect![[r#"
        FAILED build
        FAILED example.com/calc::TestAdd
        FAILED example.com/calc::TestAdd/a_b @calc_test.go:15
        FAILED example.com/calc::TestAdd/one @calc_test.go:15
        skipped example.com/calc::TestLater
        ok example.com/calc::TestZero
    "#]]
    .assert_eq(&show(&vetted));
    let panics = run("sub/sub_test.go", "package sub\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\nfunc TestZero(t *testing.T) { panic(\"boom\") }\n").await;
    expect![[r#"
        ok build
        ok example.com/calc/sub::TestA
        FAILED example.com/calc/sub::TestZero @sub/sub_test.go:6
        FAILED example.com/calc::TestAdd
        FAILED example.com/calc::TestAdd/a_b @calc_test.go:15
        FAILED example.com/calc::TestAdd/one @calc_test.go:15
        skipped example.com/calc::TestLater
        ok example.com/calc::TestZero
    "#]]
    .assert_eq(&show(&panics));
    let exits = run("sub/sub_test.go", "package sub\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { os.Exit(3) }\n").await;
    expect![[r#"
        ok build
        FAILED example.com/calc/sub
        FAILED example.com/calc::TestAdd
        FAILED example.com/calc::TestAdd/a_b @calc_test.go:15
        FAILED example.com/calc::TestAdd/one @calc_test.go:15
        skipped example.com/calc::TestLater
        ok example.com/calc::TestZero
    "#]]
    .assert_eq(&show(&exits));
    let unknown = run("sub/sub.go", "package sub\n\nimport _ \"example.org/none\"\n").await;
    assert!(unknown.answered.is_ok(), "{unknown:?}");
    let message = &unknown.cases["build"].message;
    assert!(message.contains("no required module provides package"), "{message}");
    let hash = "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let not_downloaded = view(&[
        ("go.mod", Some("module example.com/calc\n\ngo 1.19\n\nrequire example.org/none v1.0.0\n")),
        (
            "go.sum",
            Some(&format!(
                "example.org/none v1.0.0 {hash}\nexample.org/none v1.0.0/go.mod {hash}\n"
            )),
        ),
        ("sub/sub.go", Some("package sub\n\nimport _ \"example.org/none\"\n")),
    ]);
    let not_downloaded = workspace.run(&sandbox, &command, not_downloaded).await;
    let why = not_downloaded.answered.unwrap_err();
    assert!(why.starts_with("a module is not in Go's module cache"), "{why}");
}

const CMAKE: &str = r#"
//- /CMakeLists.txt
cmake_minimum_required(VERSION 3.21)
project(calc CXX)
enable_testing()
find_package(GTest REQUIRED)
include(GoogleTest)
add_executable(calc_test calc.cpp calc_test.cpp)
target_link_libraries(calc_test GTest::gtest_main)
gtest_discover_tests(calc_test)
add_test(NAME slow COMMAND sleep 30)
set_tests_properties(slow PROPERTIES TIMEOUT 1)
add_test(NAME missing COMMAND no-such-program)
add_test(NAME later COMMAND sh -c "exit 77")
set_tests_properties(later PROPERTIES SKIP_RETURN_CODE 77)
add_test(NAME never COMMAND sh -c "exit 1")
set_tests_properties(never PROPERTIES DISABLED TRUE)
//- /calc.cpp
int add(int a, int b) { return a - b; }
//- /calc_test.cpp
#include <gtest/gtest.h>

int add(int a, int b);

TEST(Add, Zero) { EXPECT_EQ(add(0, 0), 0); }

TEST(Add, Adds) { EXPECT_EQ(add(1, 2), 3); }

class Pairs : public testing::TestWithParam<int> {};

TEST_P(Pairs, Adds) { EXPECT_EQ(add(1, GetParam()), 1 + GetParam()); }

INSTANTIATE_TEST_SUITE_P(Some, Pairs, testing::Values(1, 2));
"#;

/// The build folder is kept for the tree, and a candidate is built on top of it.
#[tokio::test]
async fn cmake_and_ctest() {
    if !slow() {
        return;
    }
    needs("ctest");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(CMAKE);
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED Add.Adds @calc_test.cpp:7
        ok Add.Zero
        FAILED Some/Pairs.Adds/1 @calc_test.cpp:11
        FAILED Some/Pairs.Adds/2 @calc_test.cpp:11
        ok build
        skipped later
        FAILED missing
        skipped never
        FAILED slow
    "#]]
    .assert_eq(&show(&before));
    let slow = &before.cases["slow"].message;
    assert!(slow.starts_with("Timeout "), "{slow}");
    let fixed = view(&[("calc.cpp", Some("int add(int a, int b) { return a + b; }\n"))]);
    let ids = ["Add.Adds", "Some/Pairs.Adds/1"].map(str::to_owned);
    let after = workspace.run_some(&sandbox, &command, fixed, Some(&ids)).await;
    expect![[r#"
        ok Add.Adds
        ok Some/Pairs.Adds/1
        ok build
    "#]]
    .assert_eq(&show(&after));
    let again = workspace.run_some(&sandbox, &command, View::default(), Some(&ids)).await;
    expect![[r#"
        FAILED Add.Adds @calc_test.cpp:7
        FAILED Some/Pairs.Adds/1 @calc_test.cpp:11
        ok build
    "#]]
    .assert_eq(&show(&again));

    let broken = view(&[("calc.cpp", Some("int add(int a, int b) { return y; }\n"))]);
    let broken = workspace.run(&sandbox, &command, broken).await;
    expect![[r#"
        FAILED build
    "#]]
    .assert_eq(&show(&broken));
    expect!["calc.cpp:1:32: error: ‘y’ was not declared in this scope"]
        .assert_eq(broken.cases["build"].message.lines().nth(1).unwrap());
    let lists =
        workspace.read("CMakeLists.txt").replace("GTest REQUIRED", "NoSuchLibrary REQUIRED");
    let unready = view(&[("CMakeLists.txt", Some(&lists))]);
    let unready = workspace.run(&sandbox, &command, unready).await;
    let why = unready.answered.unwrap_err();
    assert!(
        why.starts_with("cmake could not build: CMake Error at CMakeLists.txt:4 (find_package)"),
        "{why}"
    );
}

#[tokio::test]
async fn make_check_is_one_case() {
    if !slow() {
        return;
    }
    needs("make");
    let Some(sandbox) = full().await else { return };
    let workspace = Workspace::new(
        "//- /Makefile\nall: calc\n\ncheck: calc\n\t./calc\n//- /calc.c\nint main(void) { return 1; }\n",
    );
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED command
    "#]]
    .assert_eq(&show(&before));
    let fixed = view(&[("calc.c", Some("int main(void) { return 0; }\n"))]);
    expect![[r#"
        ok command
    "#]]
    .assert_eq(&show(&workspace.run(&sandbox, &command, fixed).await));
    let missing = view(&[("Makefile", Some("CC = no-such-compiler\ncheck: calc\n\t./calc\n"))]);
    expect![[r#"
        no answer: a program is not installed: make: *** [<builtin>: calc] Error 127
    "#]]
    .assert_eq(&show(&workspace.run(&sandbox, &command, missing).await));
}

/// What Maven needs is in the local repository: see `tests/maven`.
const POM: &str = include_str!("../../../../tests/maven/pom.xml");

fn maven_project() -> Workspace {
    let top = POM.replace(
        "<!-- modules -->",
        "<packaging>pom</packaging><modules><module>calc</module><module>app</module></modules>",
    );
    let module = |name: &str, more: &str| {
        format!(
            "<project><modelVersion>4.0.0</modelVersion><parent><groupId>demo</groupId><artifactId>demo</artifactId>\
             <version>1</version></parent><artifactId>{name}</artifactId>{more}</project>"
        )
    };
    let on_calc = "<dependencies><dependency><groupId>demo</groupId><artifactId>calc</artifactId><version>1</version>\
                   </dependency></dependencies>";
    Workspace::new(&format!(
        "//- /pom.xml\n{top}\n//- /calc/pom.xml\n{}\n//- /app/pom.xml\n{}\n{JAVA}",
        module("calc", ""),
        module("app", on_calc)
    ))
}

const JAVA: &str = r#"
//- /calc/target/surefire-reports/TEST-demo.Old.xml
<testsuite name="demo.Old"><testcase name="old" classname="demo.Old"/></testsuite>
//- /calc/src/main/java/demo/Calc.java
package demo;

public class Calc {
    public static int add(int a, int b) {
        return a - b;
    }
}
//- /calc/src/test/java/demo/CalcTest.java
package demo;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CalcTest {
    @Test
    void zero() {
        assertEquals(0, Calc.add(0, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void adds(int b) {
        assertEquals(1 + b, Calc.add(1, b));
    }

    @Disabled("later")
    @Test
    void later() {
    }

    @Nested
    class Inner {
        @Test
        void works() {
        }
    }
}
//- /app/src/test/java/app/AppTest.java
package app;

import static org.junit.jupiter.api.Assertions.assertEquals;

import demo.Calc;
import org.junit.jupiter.api.Test;

class AppTest {
    @Test
    void adds() {
        assertEquals(2, Calc.add(1, 1));
    }
}
"#;

#[tokio::test]
async fn maven() {
    if !slow() {
        return;
    }
    needs("mvn");
    let Some(sandbox) = full().await else { return };
    let workspace = maven_project();
    let command = workspace.command();
    let before = workspace.run(&sandbox, &command, View::default()).await;
    expect![[r#"
        FAILED app.AppTest#adds @app/src/test/java/app/AppTest.java:11
        ok build
        FAILED demo.CalcTest#adds(int)[1] @calc/src/test/java/demo/CalcTest.java:20
        FAILED demo.CalcTest#adds(int)[2] @calc/src/test/java/demo/CalcTest.java:20
        skipped demo.CalcTest#later @calc/src/test/java/demo/CalcTest.java
        ok demo.CalcTest#zero @calc/src/test/java/demo/CalcTest.java
        ok demo.CalcTest$Inner#works @calc/src/test/java/demo/CalcTest.java
    "#]]
    .assert_eq(&show(&before));
    expect![[r#"
        expected: <3> but was: <-1>
        org.opentest4j.AssertionFailedError: expected: <3> but was: <-1>
        	at demo.CalcTest.adds(CalcTest.java:20)"#]]
    .assert_eq(&before.cases["demo.CalcTest#adds(int)[2]"].message);
    let path = "calc/src/main/java/demo/Calc.java";
    let fixed = workspace.read(path).replace('-', "+");
    let ids = ["demo.CalcTest#adds(int)[1]", "app.AppTest#adds"].map(str::to_owned);
    let after =
        workspace.run_some(&sandbox, &command, view(&[(path, Some(&fixed))]), Some(&ids)).await;
    expect![[r#"
        ok app.AppTest#adds @app/src/test/java/app/AppTest.java
        ok build
        ok demo.CalcTest#adds(int)[1] @calc/src/test/java/demo/CalcTest.java
        ok demo.CalcTest#adds(int)[2] @calc/src/test/java/demo/CalcTest.java
    "#]]
    .assert_eq(&show(&after));
    let broken = fixed.replace("a + b", "y");
    let broken = workspace.run(&sandbox, &command, view(&[(path, Some(&broken))])).await;
    expect![[r#"
        FAILED build
    "#]]
    .assert_eq(&show(&broken));
    expect!["calc/src/main/java/demo/Calc.java:[5,16] cannot find symbol"]
        .assert_eq(&broken.cases["build"].message);
    let pom = workspace.read("pom.xml").replace("5.10.2", "5.10.99");
    let absent = workspace.run(&sandbox, &command, view(&[("pom.xml", Some(&pom))])).await;
    let why = absent.answered.unwrap_err();
    assert!(why.starts_with("maven could not run the tests: Failed to execute goal"), "{why}");
}
