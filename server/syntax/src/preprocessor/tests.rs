//! What is hidden from the grammars of C and C++, shown with `.` for what became a space.

use expect_test::{Expect, expect};

use crate::preprocessor::{mask_c, mask_cpp};

fn check(mask: fn(&str) -> Option<String>, text: &str, expected: Expect) {
    let masked = mask(text).unwrap_or_else(|| text.to_owned());
    assert_eq!(masked.len(), text.len());
    let shown = |(was, is): (u8, u8)| if was != is && is == b' ' { '.' } else { char::from(is) };
    let shown: String = text.bytes().zip(masked.bytes()).map(shown).collect();
    expected.assert_eq(&shown);
}

#[test]
fn parts_for_cpp() {
    check(
        mask_c,
        "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void);\n#if defined(__cplusplus)\n#if 1\n}\n#endif\n#else\nint g;\n#endif\nint h;\n",
        expect![[r#"
            ...... ...........
            ...... ... .
            ......
            int f(void);
            ... ....................
            ... .
            .
            ......
            .....
            int g;
            ......
            int h;
        "#]],
    );
}

#[test]
fn whole_branches_stay_and_others_do_not() {
    check(
        mask_cpp,
        "\
#ifdef A
int f() { return '{'; }
#elif B
int f() { return 1; } // {
#endif
#if 0
broken {
#else
int g;
#endif
#ifdef A
void run(int a)
#else
void run()
#endif
{
  if (x
#if B
      && y
#endif
  ) {
#ifdef C
    if (c) {
#else
    if (d) {
#endif
    }
  }
}
/*
#if 1
*/
#endif
#if defined(A) && \\
  defined(B)
  int h;
#endif
",
        expect![[r#"
            ...... .
            int f() { return '{'; }
            ..... .
            int f() { return 1; } // {
            ......
            ... .
            ...... .
            .....
            int g;
            ......
            ...... .
            void run(int a)
            .....
            .... .....
            ......
            {
              if (x
            ... .
                  && y
            ......
              ) {
            ...... .
                if (c) {
            .....
                .. ... .
            ......
                }
              }
            }
            /*
            #if 1
            */
            #endif
            ... .......... .. .
              ..........
              int h;
            ......
        "#]],
    );
}

#[test]
fn calls_at_the_margin_that_nothing_ends() {
    check(
        mask_cpp,
        "\
DISABLE_WARNINGS(4251 \\
  /* why */)
namespace a {
}
RESTORE_WARNINGS()  // 4251
TEST(Shelf, Puts) {
}
TEST(Shelf,
     Drops)
{
}
REGISTER(shelf);
int f() NOEXCEPT {
}
int g(int a)
  WARN_UNUSED;
",
        expect![[r#"
            ..................... .
              .. ... ...
            namespace a {
            }
            ..................  // 4251
            TEST(Shelf, Puts) {
            }
            TEST(Shelf,
                 Drops)
            {
            }
            REGISTER(shelf);
            int f() ........ {
            }
            int g(int a)
              ...........;
        "#]],
    );
}

#[test]
fn macros_where_the_grammar_wants_something_else() {
    check(
        mask_cpp,
        "\
API_EXPORT int run(int argc);
static UNITTEST CURLcode check(void)
template <typename T> CONSTEXPR auto f() -> T;
DWORD count = 0;
FILE *open(const char *name);
class API_EXPORT Shelf : public Base {
struct OPTION options[] = {
struct SHELF final {
BEGIN_NAMESPACE
enum state {
  WAITING,
  HERE_ALONE
};
int all = FIRST |
  SECOND
  | THIRD;
#define API_EXPORT extern int x
NORETURN API_EXPORT void stop(int code);
  LIB_CONSTEXPR Shelf(int n) : n_(n) {}
class VISIBILITY(\"default\") Failure : public std::exception {
template <typename T, ENABLE_IF(!is_same<T, int>::value)>
template <typename T,
          ENABLE_IF(a<T>() > 1)>
if (a < MAX(b, c)) {}
",
        expect![[r#"
            .......... int run(int argc);
            static ........ CURLcode check(void)
            template <typename T> ......... auto f() -> T;
            DWORD count = 0;
            FILE *open(const char *name);
            class .......... Shelf : public Base {
            struct OPTION options[] = {
            struct SHELF final {
            ...............
            enum state {
              WAITING,
              HERE_ALONE
            };
            int all = FIRST |
              SECOND
              | THIRD;
            #define API_EXPORT extern int x
            ........ .......... void stop(int code);
              ............. Shelf(int n) : n_(n) {}
            class ..................... Failure : public std::exception {
            template <typename T, int.................. ............>
            template <typename T,
                      int............. . ..>
            if (a < MAX(b, c)) {}
        "#]],
    );
}

#[test]
fn tests_that_are_named_by_a_string() {
    check(
        mask_cpp,
        "TEST_CASE(\"it works\") {\n  SECTION(\"once\") {\n  }\n}\nTEST_CASE(\"tagged\", \"[a][b]\") {\n}\nTEST_CASE(broken\n",
        expect![[r#"
            void......xxxxxxxxx() {
              ............... {
              }
            }
            void......xxxxxxx(. ........) {
            }
            TEST_CASE(broken
        "#]],
    );
}

#[test]
fn any_text_keeps_its_length() {
    for text in [
        "",
        "#",
        "#ifdef __cplusplus",
        "É_É É É(",
        "TEST_CASE(\"é🎉\")",
        "TEST_CASE(\")",
        "\r\n\r#if\\",
    ] {
        for mask in [mask_c, mask_cpp] {
            assert!(mask(text).is_none_or(|masked| masked.len() == text.len()), "{text}");
        }
    }
}
