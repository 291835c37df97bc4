//! Go, Java, C, C++ and C#: detection, command lines and reports. What needs the real programs is in the crate's `tests/`.

use expect_test::{Expect, expect};

use super::{Left, check_argv, check_detect, check_read, known, read_left, show};

#[test]
fn projects() {
    check_detect(
        "//- /go.mod\nmodule a\n//- /tools/go.mod\nmodule b\n//- /a/testdata/go.mod\nmodule c\n",
        expect![[r#"
            go .
            go tools
        "#]],
    );
    check_detect(
        "//- /docs/a.md\na\n//- /svc/go.mod\nmodule a\n",
        expect![[r#"
        go svc
    "#]],
    );
    check_detect(
        "//- /pom.xml\n<project/>\n//- /app/pom.xml\n<project/>\n//- /build.gradle\n\n",
        expect![[r#"
            maven .
        "#]],
    );
    check_detect(
        "//- /build.gradle.kts\nplugins {}\n",
        expect![[r#"
        gradle .
    "#]],
    );
    check_detect(
        "//- /CMakeLists.txt\nproject(a)\n//- /tests/CMakeLists.txt\nenable_testing()\n//- /Makefile\n\ncheck:\n\ttrue\n//- /a.c\nint a;\n",
        expect![[r#"
            ctest .
        "#]],
    );
    check_detect("//- /CMakeLists.txt\nproject(a)\n//- /a.c\nint a;\n", expect![""]);
    check_detect(
        "//- /Makefile\nall:\n\ntest: all\n\t./a\n//- /a.c\nint a;\n",
        expect![[r#"
        make-test .
    "#]],
    );
    check_detect(
        "//- /Makefile\nall:\n\ntest: all\n\tpytest\n//- /ext/a.c\nint a;\n//- /pytest.ini\n[pytest]\n",
        expect![[r#"
            pytest .
        "#]],
    );
    check_detect("//- /Makefile\nall:\n\ntest:\n\tpytest\n", expect![""]);
    let csproj = "<Project><PackageReference Include=\"Microsoft.NET.Test.Sdk\"/></Project>";
    check_detect(
        &format!("//- /A.sln\n\n//- /tests/A.Tests.csproj\n{csproj}\n"),
        expect![[r#"
        dotnet .
    "#]],
    );
    check_detect(
        &format!("//- /tests/A.Tests.csproj\n{csproj}\n"),
        expect![[r#"
        dotnet tests
    "#]],
    );
    check_detect("//- /A.csproj\n<Project/>\n", expect![""]);
}

#[test]
fn command_lines() {
    let nothing = "//- /a.txt\na\n";
    check_argv(
        &known("go"),
        nothing,
        &[],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" >"$BATON_OUT/report"
        sh
        go
        test
        -json
        -count=1
        ./..."#]],
    );
    let ids = ["a.b/c::TestA/x y", "a.b/c::TestB", "a.b/d::TestA"];
    check_argv(
        &known("go"),
        nothing,
        &ids,
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" "${6}" "${7}" >"$BATON_OUT/report"
        sh
        go
        test
        -json
        -count=1
        -run=^(TestA|TestB)$
        a.b/c
        a.b/d"#]],
    );
    check_argv(
        &known("go"),
        nothing,
        &["a.b/c", "a.b/d::TestA"],
        expect![[r#"
        sh
        -c
        exec "${1}" "${2}" "${3}" "${4}" "${5}" "${6}" >"$BATON_OUT/report"
        sh
        go
        test
        -json
        -count=1
        a.b/c
        a.b/d"#]],
    );
    check_argv(
        &known("maven"),
        nothing,
        &[],
        expect![[r#"
        sh
        -c
        find . -path "${1}" -type f -exec rm -f {} +
        "${2}" "${3}" "${4}" "${5}" "${6}" "${7}" "${8}"
        code=$?
        find . -path "${9}" -type f -exec cat {} + >"$BATON_OUT/report"
        exit $code
        sh
        */target/surefire-reports/TEST-*.xml
        mvn
        --offline
        --batch-mode
        --fail-at-end
        -Dmaven.test.failure.ignore=true
        -Daether.enhancedLocalRepository.trackingFilename=untracked.properties
        test
        */target/surefire-reports/TEST-*.xml"#]],
    );
    let ids = ["a.B#one", "a.B#two(int)[1]", "a.C$D#x", "a.E#shows a sentence", "a.F"];
    check_argv(
        &known("maven"),
        "//- /mvnw\n\n",
        &ids,
        expect![[r#"
        sh
        -c
        find . -path "${1}" -type f -exec rm -f {} +
        "${2}" "${3}" "${4}" "${5}" "${6}" "${7}" "${8}" "${9}" "${10}" "${11}"
        code=$?
        find . -path "${12}" -type f -exec cat {} + >"$BATON_OUT/report"
        exit $code
        sh
        */target/surefire-reports/TEST-*.xml
        ./mvnw
        --offline
        --batch-mode
        --fail-at-end
        -Dmaven.test.failure.ignore=true
        -Daether.enhancedLocalRepository.trackingFilename=untracked.properties
        test
        -Dtest=a.B#one+two,a.C$D#x,a.E,a.F
        -Dsurefire.failIfNoSpecifiedTests=false
        -DfailIfNoTests=false
        */target/surefire-reports/TEST-*.xml"#]],
    );
    check_argv(
        &known("gradle"),
        "//- /gradlew\n\n",
        &["a.B#one"],
        expect![[r#"
        sh
        -c
        find . -path "${1}" -type f -exec rm -f {} +
        "${2}" "${3}" "${4}" "${5}" "${6}" "${7}"
        code=$?
        find . -path "${8}" -type f -exec cat {} + >"$BATON_OUT/report"
        exit $code
        sh
        */build/test-results/*/TEST-*.xml
        ./gradlew
        --offline
        --no-daemon
        --console=plain
        --continue
        test
        */build/test-results/*/TEST-*.xml"#]],
    );
    check_argv(
        &known("ctest"),
        nothing,
        &["Some/P.Adds/1", "a b"],
        expect![[r#"
        sh
        -c
        "${1}" "${2}" "${3}" "${4}" "${5}" || exit
        : >"$BATON_OUT/built-0"
        "${6}" "${7}" "${8}" "${9}" "${10}" || exit
        : >"$BATON_OUT/built-1"
        exec "${11}" "${12}" "${13}" "${14}" "${15}""$BATON_OUT/report""${16}" "${17}" "${18}"
        sh
        cmake
        -S
        .
        -B

        cmake
        --build

        --parallel
        2
        ctest
        --test-dir

        --output-junit


        -R
        ^(Some\/P\.Adds\/1|a b)$"#]],
    );
    check_argv(
        &known("dotnet"),
        nothing,
        &["A.B.C(x: 1)", "A.B.C(x: 2)", "A.B.D"],
        expect![[r#"
            sh
            -c
            find . -path "${1}" -type f -exec rm -f {} +
            "${2}" "${3}" "${4}" "${5}" "${6}" "${7}" "${8}"
            code=$?
            find . -path "${9}" -type f -exec cat {} + >"$BATON_OUT/report"
            exit $code
            sh
            */TestResults/*.trx
            dotnet
            test
            --nologo
            --logger
            trx
            --filter
            FullyQualifiedName=A.B.C|FullyQualifiedName=A.B.D
            */TestResults/*.trx"#]],
    );
    check_argv(
        &known("make-check"),
        nothing,
        &["command"],
        expect![[r#"
        make
        check"#]],
    );
}

/// Before Go 1.24 the build's output is no event.
#[test]
fn go_events_of_older_versions() {
    let report = r#"FAIL	example.com/calc [build failed]
not an event
{"Action":"run","Package":"example.com/calc/sub","Test":"TestA"}
{"Action":"output","Package":"example.com/calc/sub","Test":"TestA","Output":"    sub_test.go:7: no\n"}
{"Action":"fail","Package":"example.com/calc/sub","Test":"TestA"}
{"Action":"run","Package":"example.com/calc/sub","Test":"TestB"}
{"Action":"fail","Package":"example.com/calc/sub"}
"#;
    let errors = "# example.com/calc\n/ws/calc.go:3:5: undefined: y\n";
    let left = |report| Left { stderr: errors.to_owned(), ..Left::report(1, report) };
    let check = |left, expect: Expect| expect.assert_eq(&show(&read_left(&known("go"), left)));
    check(
        left(report),
        expect![[r#"
        Failed build
            # example.com/calc
            calc.go:3:5: undefined: y
        Failed example.com/calc/sub::TestA @sub/sub_test.go:7
                sub_test.go:7: no
        Failed example.com/calc/sub::TestB
        Ok(())
    "#]],
    );
    // A package without tests.
    let passed = "{\"Action\":\"pass\",\"Package\":\"example.com/calc/sub\",\"Test\":\"TestA\"}\n{\"Action\":\"pass\",\"Package\":\"example.com/calc/sub\"}\n";
    check(
        left(passed),
        expect![[r#"
        Failed build
            # example.com/calc
            calc.go:3:5: undefined: y
        Passed example.com/calc/sub::TestA
        Ok(())
    "#]],
    );
    // Warnings of a C compiler.
    check(
        Left { code: 0, ..left(passed) },
        expect![[r#"
        Passed build
        Passed example.com/calc/sub::TestA
        Ok(())
    "#]],
    );
    // Nothing of a package that had not ended is known.
    check(
        Left::report(
            2,
            "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"TestA\"}\n{\"Action\":\"out",
        ),
        expect![[r#"
            Passed build
            Err("the command ended with code 2, though no test failed")
        "#]],
    );
    let left = Left { stdout: "go: go.mod requires go >= 9.9\n".to_owned(), ..Left::report(1, "") };
    check(
        left,
        expect![[r#"
        Err("go could not start the tests: go: go.mod requires go >= 9.9")
    "#]],
    );
}

#[test]
fn go_modules_that_were_not_downloaded_are_no_answer() {
    let report = r#"{"ImportPath":"example.org/none","Action":"build-output","Output":"sub/sub.go:3:8: module lookup disabled by GOPROXY=off\n"}
{"Action":"output","Package":"example.com/calc/sub","Output":"FAIL\texample.com/calc/sub [setup failed]\n"}
{"Action":"fail","Package":"example.com/calc/sub","Elapsed":0,"FailedBuild":"example.org/none"}"#;
    let stdout = "go: downloading example.org/none v1.0.0\n".to_owned();
    check_read(
        "go",
        Left { stdout, ..Left::report(1, report) },
        expect![[r#"
        Err("a module is not in Go's module cache (run `go mod download`): sub/sub.go:3:8: module lookup disabled by GOPROXY=off")
    "#]],
    );
}

#[test]
fn gradle_reports_and_compile_errors() {
    check_read(
        "gradle",
        Left::report(
            1,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="demo.CalcTest" tests="2"><properties/>
  <testcase name="adds()" classname="demo.CalcTest" time="0.01"><failure message="expected: &lt;3&gt;" type="x">org.opentest4j.AssertionFailedError: expected
	at app//org.junit.jupiter.api.Assertions.fail(Assertions.java:1)
	at app//demo.CalcTest.adds(CalcTest.java:9)
	at java.base/java.util.ArrayList.forEach(ArrayList.java:1511)</failure></testcase>
  <testcase name="later()" classname="demo.CalcTest"><skipped/></testcase>
  <system-out><![CDATA[noise]]></system-out>
</testsuite>
<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="demo.Broken"><testcase name="demo.Broken" classname="demo.Broken"><error message="no"/></testcase></testsuite>"#,
        ),
        expect![[r#"
            Passed build
            Failed demo.Broken
                no
            Failed demo.CalcTest#adds @app/src/test/java/demo/CalcTest.java:9
                expected: <3>
                org.opentest4j.AssertionFailedError: expected
                	at app//demo.CalcTest.adds(CalcTest.java:9)
            Skipped demo.CalcTest#later @app/src/test/java/demo/CalcTest.java
            Ok(())
        "#]],
    );
    let unbuilt = Left {
        stdout: "> Task :compileJava FAILED\n/ws/src/main/java/A.java:3: error: cannot find symbol\n\n* What went wrong:\nExecution failed for task ':compileJava'.\n> Compilation failed; see the compiler error output for details.\n".to_owned(),
        ..Left::report(1, "")
    };
    check_read(
        "gradle",
        unbuilt,
        expect![[r#"
        Failed build
            src/main/java/A.java:3: error: cannot find symbol
        Ok(())
    "#]],
    );
    let offline = Left {
        stdout: "* What went wrong:\nCould not resolve all files for configuration ':testRuntimeClasspath'.\n".to_owned(),
        ..Left::report(1, "")
    };
    check_read(
        "gradle",
        offline,
        expect![[r#"
        Err("gradle could not run the tests: Could not resolve all files for configuration ':testRuntimeClasspath'.")
    "#]],
    );
    let runtime = Left {
        stdout:
            "[ERROR] COMPILATION ERROR : \n[ERROR] No compiler is provided in this environment.\n"
                .to_owned(),
        ..Left::report(1, "")
    };
    check_read(
        "maven",
        runtime,
        expect![[r#"
            Err("maven could not run the tests: No compiler is provided in this environment.")
        "#]],
    );
    // A forked machine that died: its tests are not all there.
    let crashed = Left {
        stdout: "[ERROR] The forked VM terminated without saying properly goodbye\n".to_owned(),
        ..Left::report(
            1,
            "<testsuite name=\"a\"><testcase name=\"x\" classname=\"a.B\"/></testsuite>",
        )
    };
    check_read(
        "maven",
        crashed,
        expect![[r#"
        Passed a.B#x
        Passed build
        Err("the command ended with code 1, though no test failed")
    "#]],
    );
}

#[test]
fn builds_that_fail_before_ctest() {
    let check = |n_built, code, text: &str, expect: Expect| {
        let left = Left { n_built, ..Left::text(code, text) };
        expect.assert_eq(&show(&read_left(&known("ctest"), left)));
    };
    check(
        0,
        1,
        "CMake Error at CMakeLists.txt:4 (find_package):\n  By not providing \"FindX.cmake\"\n",
        expect![[r#"
            Err("cmake could not build: CMake Error at CMakeLists.txt:4 (find_package): By not providing \"FindX.cmake\"")
        "#]],
    );
    check(
        1,
        2,
        "[ 50%] Building CXX object a.cpp.o\n/ws/a.cpp: In function ‘int f()’:\n/ws/a.cpp:1:2: error: no\nmake: *** [a] Error 1\n",
        expect![[r#"
            Failed build
                a.cpp: In function ‘int f()’:
                a.cpp:1:2: error: no
                make: *** [a] Error 1
            Ok(())
        "#]],
    );
    check(
        1,
        2,
        "c++: fatal error: Killed signal terminated program cc1plus\n",
        expect![[r#"
        Err("cmake could not build: c++: fatal error: Killed signal terminated program cc1plus")
    "#]],
    );
    check(
        0,
        127,
        "sh: 1: cmake: not found\n",
        expect![[r#"
        Err("`ctest` is not installed")
    "#]],
    );
    check(
        2,
        0,
        "No tests were found!!!\n",
        expect![[r#"
        Err("ctest found no test")
    "#]],
    );
}

/// Written by hand after the schema of TRX; no .NET wrote it.
#[test]
fn trx_reports() {
    let report = r#"﻿<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">
  <Results>
    <UnitTestResult executionId="e1" testId="t1" testName="Demo.CalcTests.Adds(a: 1, b: 2)" duration="00:00:00.01" outcome="Failed">
      <Output><StdOut>noise</StdOut><ErrorInfo>
        <Message>Assert.Equal() Failure
Expected: 3 &lt;&#x1;
Actual:   -1</Message>
        <StackTrace>   at Demo.CalcTests.Adds(Int32 a, Int32 b) in /ws/tests/CalcTests.cs:line 12
   at System.Reflection.MethodInvoker.Invoke()</StackTrace>
      </ErrorInfo></Output>
    </UnitTestResult>
    <UnitTestResult testId="t2" testName="Zero" outcome="Passed" />
    <UnitTestResult testId="t3" testName="Later" outcome="NotExecuted"><Output/></UnitTestResult>
    <UnitTestResult testId="t4" testName="Slow" outcome="Timeout"/>
  </Results>
  <TestDefinitions>
    <UnitTest name="Demo.CalcTests.Adds(a: 1, b: 2)" id="t1"><TestMethod className="Demo.CalcTests" name="Adds"/></UnitTest>
    <UnitTest name="Zero" id="t2"><TestMethod className="Demo.CalcTests, Demo, Version=1.0.0.0" name="Zero"/></UnitTest>
    <UnitTest name="Later" id="t3"><TestMethod className="Demo.CalcTests" name="Later"></TestMethod></UnitTest>
    <UnitTest name="Slow" id="t4"><TestMethod className="Demo.CalcTests" name="Slow"/></UnitTest>
  </TestDefinitions>
</TestRun>"#;
    check_read(
        "dotnet",
        Left::report(1, report),
        expect![[r#"
        Failed Demo.CalcTests.Adds(a: 1, b: 2) @tests/CalcTests.cs:12
            Assert.Equal() Failure
            Expected: 3 <
            Actual:   -1
        Skipped Demo.CalcTests.Later
        Failed Demo.CalcTests.Slow
        Passed Demo.CalcTests.Zero
        Passed build
        Ok(())
    "#]],
    );
    let cut = &report[..report.find("<StackTrace>").unwrap()];
    check_read(
        "dotnet",
        Left::report(1, cut),
        expect![[r#"
        Err("the report is cut off")
    "#]],
    );
    let unbuilt = Left {
        stdout: "/ws/Calc.cs(3,5): error CS1002: ; expected [/ws/Calc.csproj]\n/ws/Calc.cs(3,5): error CS1002: ; expected [/ws/Calc.csproj]\n".to_owned(),
        ..Left::report(1, "")
    };
    check_read(
        "dotnet",
        unbuilt,
        expect![[r#"
        Failed build
            Calc.cs(3,5): error CS1002: ; expected [Calc.csproj]
        Ok(())
    "#]],
    );
    let offline = Left {
        stdout: "/ws/A.csproj : error NU1301: Unable to load the service index\n".to_owned(),
        ..Left::report(1, "")
    };
    check_read(
        "dotnet",
        offline,
        expect![[r#"
        Err("dotnet could not run the tests: /ws/A.csproj : error NU1301: Unable to load the service index")
    "#]],
    );
}
