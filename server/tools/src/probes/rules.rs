//! What secrets look like, as data: one rule for each kind, with an example that is one and an example that is none.
//! Looks at no text.

/// A kind of secret.
pub(super) struct Rule {
    /// Stable name.
    pub(super) id: &'static str,
    /// What people call it.
    pub(super) name: &'static str,
    /// Matches it; the group `secret`, else the whole match, is the secret itself.
    pub(super) pattern: &'static str,
    /// Such a value belongs to no service: test files hold it for good reasons, and there it refuses nothing.
    pub(super) is_usual_in_tests: bool,
    /// The value was chosen by somebody and has no form of its own: it has to look random.
    pub(super) is_generic: bool,
    /// Parts of a made-up secret. Never in one piece, so that no other scanner takes it for a real one.
    #[allow(dead_code, reason = "only the rules' own test reads it")]
    pub(super) example: &'static [&'static str],
    /// Parts of a text that is like one and is none.
    #[allow(dead_code, reason = "only the rules' own test reads it")]
    pub(super) harmless: &'static [&'static str],
}

/// Sorted by id.
pub(super) const ALL: &[Rule] = &[
    service(
        "anthropic-key",
        "an Anthropic API key",
        r"\bsk-ant-(?:api|admin)\d{2}-[A-Za-z0-9_-]{40,}",
        &["sk-a", "nt-api03-", "Zq7Rk2Wm9Xc4Vb8Nt1Lp", "6Hd3Gf5Js0Ay2Ue7Io9Pz"],
        &["sk-ant-", "api03-<your key>"],
    ),
    service(
        "aws-access-key",
        "an AWS access key id",
        r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b",
        &["AK", "IA", "Q3EGZ7KX", "WM2PLD5R"],
        &["AK", "IA", "IOSFODNN7", "EXAMPLE"],
    ),
    service(
        "azure-storage-key",
        "an Azure storage key",
        r"AccountKey=(?P<secret>[A-Za-z0-9+/]{86}==)",
        &[
            "AccountKey=",
            "Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd3Gf5Js0Ay2Ue7Io9Pz+Bx",
            "Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd3Gf5Js0Ay2Ue7Io9Pz/",
            "==",
        ],
        &["AccountKey=", "{account_key}"],
    ),
    Rule {
        id: "generic-password",
        name: "a password or key",
        // At most one line, a string, and nothing that a template or a call would fill in.
        pattern: concat!(
            r#"(?i)(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|auth[_-]?token|access[_-]?token)"#,
            r#"["'\]]*\s*(?:=|:|=>|:=)\s*["'](?P<secret>[A-Za-z0-9+/=_.!@#^*~-]{16,128})["']"#,
        ),
        is_usual_in_tests: true,
        is_generic: true,
        example: &["pass", "word = \"", "v9Tq2LxR", "7mWz4KbN8d", "\""],
        harmless: &["pass", "word = \"", "change-me-before-use", "\""],
    },
    service(
        "github-token",
        "a GitHub token",
        r"\b(?:gh[opsur]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{60,255})\b",
        &["gh", "p_", "Zq7Rk2Wm9Xc4Vb8Nt1", "Lp6Hd3Gf5Js0Ay2Ue7"],
        &["gh", "p_", "xxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxx"],
    ),
    service(
        "gitlab-token",
        "a GitLab token",
        r"\bglpat-[A-Za-z0-9_-]{20,}",
        &["gl", "pat-", "Zq7Rk2Wm9X", "c4Vb8Nt1Lp6"],
        &["gl", "pat-", "your-token"],
    ),
    service(
        "google-api-key",
        "a Google API key",
        r"\bAIza[0-9A-Za-z_-]{35}",
        &["AI", "za", "Sy7Rk2Wm9Xc4Vb8Nt", "1Lp6Hd3Gf5Js0Ay2Ue"],
        &["AI", "za", "..."],
    ),
    service(
        "hugging-face-token",
        "a Hugging Face token",
        r"\bhf_[A-Za-z0-9]{34}\b",
        &["h", "f_", "ZqRkWmXcVbNtLpHdG", "fJsAyUeIoPzBxCwDy"],
        &["h", "f_", "hub_download_from_cache"],
    ),
    service(
        "npm-token",
        "an npm token",
        r"\bnpm_[A-Za-z0-9]{36}\b",
        &["np", "m_", "Zq7Rk2Wm9Xc4Vb8Nt1", "Lp6Hd3Gf5Js0Ay2Ue7"],
        &["np", "m_", "config_user_agent"],
    ),
    service(
        "openai-key",
        "an OpenAI API key",
        r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}",
        &["sk-pr", "oj-", "Zq7Rk2Wm9Xc4Vb8Nt1Lp", "T3Blb", "kFJ", "6Hd3Gf5Js0Ay2Ue7Io9P"],
        &["sk-pr", "oj-", "your-key-goes-here"],
    ),
    Rule {
        id: "private-key",
        name: "a private key",
        // The first line alone is what a program that reads keys looks for.
        pattern: r#"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----(?:\\n|[\s"'+,\\])*(?P<secret>[A-Za-z0-9+/]{40,})"#,
        is_usual_in_tests: true,
        is_generic: false,
        example: &[
            "-----BEGIN RSA PRI",
            "VATE KEY-----\n",
            "Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd3Gf5Js0Ay2Ue7Io9Pz",
            "Bx",
        ],
        harmless: &["if line == '-----BEGIN RSA PRI", "VATE KEY-----':\n    return parse(line)"],
    },
    service(
        "pypi-token",
        "a PyPI token",
        r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}",
        &["pypi-AgEI", "cHlwaS5vcmc", "Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd3Gf5Js0", "Ay2Ue7Io9PzBxCwDyEvFu"],
        &["pypi-AgEI", "..."],
    ),
    service(
        "sendgrid-key",
        "a SendGrid API key",
        r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b",
        &["S", "G.", "Zq7Rk2Wm9Xc4Vb8Nt1Lp6H", ".d3Gf5Js0Ay2Ue7Io9PzBx", "CwDyEvFuGtHsIrJqKpLoMn"],
        &["S", "G.", "Client.send"],
    ),
    service(
        "slack-token",
        "a Slack token",
        r"\bxox[abeoprs]-[0-9]{6,}-[A-Za-z0-9-]{16,}",
        &["xo", "xb-", "8203947165", "-Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd"],
        &["xo", "xb-", "your-token"],
    ),
    service(
        "slack-webhook",
        "a Slack webhook",
        r"https://hooks\.slack\.com/services/(?P<secret>T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,})",
        &[
            "https://hooks.sla",
            "ck.com/services/",
            "T7RK2WM9X/B4VB8NT1L/",
            "Zq7Rk2Wm9Xc4Vb8Nt1Lp6Hd3",
        ],
        &["https://hooks.sla", "ck.com/services/", "T000/B000/XXXX"],
    ),
    service(
        "stripe-key",
        "a Stripe live key",
        r"\b[rs]k_live_[0-9a-zA-Z]{16,}",
        &["sk_li", "ve_", "Zq7Rk2Wm9Xc4", "Vb8Nt1Lp6Hd3"],
        &["sk_te", "st_", "Zq7Rk2Wm9Xc4", "Vb8Nt1Lp6Hd3"],
    ),
    service(
        "telegram-token",
        "a Telegram bot token",
        r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}\b",
        &["8203947165", ":A", "A", "Zq7Rk2Wm9Xc4Vb8Nt", "1Lp6Hd3Gf5Js0Ay2"],
        &["8203947165", ":AA"],
    ),
];

/// A token of a service: its form says what it is, wherever it stands.
const fn service(
    id: &'static str,
    name: &'static str,
    pattern: &'static str,
    example: &'static [&'static str],
    harmless: &'static [&'static str],
) -> Rule {
    Rule { id, name, pattern, is_usual_in_tests: false, is_generic: false, example, harmless }
}
