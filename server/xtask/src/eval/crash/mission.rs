//! The mission: what it begins with, its roadmap, and a model that answers each question the same however often it is asked.

use fixture::Scripted;
use serde_json::Value;

/// Files that are there, in the fixture language.
pub(super) const FILES: &str = r#"
//- /.gitignore
__pycache__/
//- /baton.toml
[tests]
command = ["sh", "check.sh"]
//- /check.sh
for file in *.py; do
  test -e "$file" || continue
  grep -q . "$file" || exit 1
done
//- /readme.txt
Shapes and prices.
"#;

/// An item a line.
pub(super) const ROADMAP: &str = "Areas with units\nPrices from a table\n";

const AREAS: &str = r#"{"analysis": {"components": ["units", "area"], "dependencies": [], "architecture_type": "library",
 "complexity": "moderate", "summary": "Areas with units, and words."},
 "structure": {"files": {"units.py": "names of units", "area.py": "areas", "words.py": "plurals"}},
 "tasks": [
  {"id": "units", "role": "coder", "instruction": "Write METRE in units.py.", "files": ["units.py"]},
  {"id": "area", "role": "coder", "instruction": "Write area in area.py.", "files": ["area.py"], "depends_on": ["units"]},
  {"id": "words", "role": "coder", "instruction": "Write plural in words.py.", "files": ["words.py"]}]}"#;

const PRICES: &str = r#"{"analysis": {"components": ["price"], "dependencies": [], "architecture_type": "library",
 "complexity": "moderate", "summary": "Prices from a table."},
 "structure": {"files": {"table.py": "prices", "price.py": "lookup"}},
 "tasks": [
  {"id": "table", "role": "coder", "instruction": "Write PRICES in table.py.", "files": ["table.py"]},
  {"id": "price", "role": "coder", "instruction": "Write price in price.py.", "files": ["price.py"], "depends_on": ["table"]}]}"#;

const NOTHING: &str = r#"{"risks": []}"#;
const GOOD: &str = r#"{"score": 0.9, "confidence": 0.8, "reasons": ["It is small."]}"#;

const FINE: &str = r#"{"is_coherent": true}"#;

/// By the instruction of a task.
const CODE: &[(&str, &str, &str)] = &[
    ("Write METRE", "units.py", "METRE = \"m\"\n"),
    (
        "Write area",
        "area.py",
        "from units import METRE\n\n\ndef area(width, height):\n    return f\"{width * height} {METRE}2\"\n",
    ),
    ("Write plural", "words.py", "def plural(word):\n    return word + \"s\"\n"),
    ("Write PRICES", "table.py", "PRICES = {\"a\": 3}\n"),
    (
        "Write price",
        "price.py",
        "from table import PRICES\n\n\ndef price(name):\n    return PRICES[name]\n",
    ),
];

/// The files that are there in the end, beside those of the beginning.
#[cfg(test)]
pub(super) fn files() -> Vec<&'static str> {
    CODE.iter().map(|(_, path, _)| *path).collect()
}

pub(super) fn reply(request: &Value) -> Scripted {
    // What was said first.
    let said = request["messages"][1]["content"].as_str().unwrap_or_default();
    let wanted = request["response_format"]["json_schema"]["name"].as_str().unwrap_or_default();
    // Memory and context may hold the words of other tasks: what counts stands under its title.
    let is_about = |title: &str, what: &str| said.contains(&format!("## {title}\n```\n{what}"));
    let text = match wanted {
        "plan" if is_about("The request", "Areas") => Some(AREAS.to_owned()),
        "plan" if is_about("The request", "Prices") => Some(PRICES.to_owned()),
        "challenge" => Some(NOTHING.to_owned()),
        "vote" => Some(GOOD.to_owned()),
        "coherence" => Some(FINE.to_owned()),
        _ => {
            CODE.iter().find(|(about, _, _)| is_about("The task", about)).map(|(_, path, text)| {
                format!("It is there now.\n\n{path}\n<<<<<<< FILE\n{text}>>>>>>> FILE\n")
            })
        }
    };
    match text {
        // Over some time, so that it can be killed in the middle.
        Some(text) => Scripted::Slow { text, delay_ms: 1 },
        None => Scripted::refusal(400, "nobody has asked for that"),
    }
}
