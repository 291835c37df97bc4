//! One file for each tool: format, parse check, test, git.
