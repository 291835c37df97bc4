//! Where commands of a project run: the setting `sandbox`, and the table `container` beside it.

use std::path::PathBuf;

use sandbox::{Engine, Kubernetes, Setting};
use serde::Deserialize;

/// As it is written; checked by [`read`].
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Container {
    #[serde(default)]
    image: Option<String>,
    #[serde(default)]
    runtime: Option<String>,
    #[serde(default)]
    program: Option<PathBuf>,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    context: Option<String>,
}

/// What `sandbox` and `container` say together.
///
/// # Errors
/// In words: an unknown word, no image, what means nothing there.
pub(super) fn read(sandbox: &str, container: &Container) -> Result<Setting, String> {
    let Container { image, runtime, program, namespace, context } = container.clone();
    let words = [&image, &runtime, &namespace, &context];
    // A word that begins with a hyphen would be an option of the client.
    if let Some(word) = words.into_iter().flatten().find(|word| !is_word(word)) {
        return Err(format!("`container` has `{word}`, which is no name"));
    }
    let image = || {
        image.ok_or_else(|| {
            format!(
                "`sandbox` is `{sandbox}`, and `container.image` is not set; write the image there that has the project's tools"
            )
        })
    };
    let engine = match sandbox {
        "auto" => return Ok(Setting::Auto),
        "off" => return Ok(Setting::Off),
        "docker" => Engine::Docker,
        "podman" => Engine::Podman,
        "kubernetes" => {
            let image = image()?;
            return Ok(Setting::Kubernetes(Kubernetes {
                image,
                runtime,
                namespace,
                context,
                program,
            }));
        }
        given => {
            return Err(format!(
                "`sandbox` is `{given}`; it must be `auto`, `off`, `docker`, `podman` or `kubernetes`"
            ));
        }
    };
    if namespace.is_some() || context.is_some() {
        return Err(format!(
            "`container.namespace` and `container.context` are for `kubernetes`, and `sandbox` is `{sandbox}`"
        ));
    }
    Ok(Setting::Container(sandbox::Container { engine, program, image: image()?, runtime }))
}

fn is_word(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}
