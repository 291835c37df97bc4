//! Landlock: which files a process and all that it starts may touch; what the system calls may do is in `filter`.

use std::path::PathBuf;

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset,
    RulesetAttr, RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::wire::Confine;

/// The newest rights that are asked for; older kernels give what they know.
const NEWEST: ABI = ABI::V9;

/// The version of the kernel's Landlock; 0 if it has none.
pub(super) fn version() -> i64 {
    const CREATE_RULESET_VERSION: u32 = 1;
    // SAFETY: with a null pointer, length 0 and this flag the call only answers with a number.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<u8>(),
            0usize,
            CREATE_RULESET_VERSION,
        )
    };
    version.max(0)
}

/// Restricts this process for good.
pub(super) fn apply(confine: &Confine) -> Result<(), String> {
    let status = restrict(confine).map_err(|error| error.to_string())?;
    if confine.need_landlock && status == RulesetStatus::NotEnforced {
        return Err("not enforced by this kernel".to_owned());
    }
    Ok(())
}

fn restrict(confine: &Confine) -> Result<RulesetStatus, RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
    // No rule about ports: in a network of its own a test may have its server.
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let ruleset =
        ruleset.add_rules(rules(&confine.read, read))?.add_rules(rules(&confine.write, all))?;
    Ok(ruleset.restrict_self()?.ruleset)
}

fn rules(
    paths: &[PathBuf],
    access: BitFlags<AccessFs>,
) -> impl Iterator<Item = Result<PathBeneath<PathFd>, RulesetError>> {
    paths.iter().filter_map(move |path| {
        // A path that is not there needs no rule.
        let fd = PathFd::new(path).ok()?;
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(NEWEST) };
        Some(Ok(PathBeneath::new(fd, access)))
    })
}
