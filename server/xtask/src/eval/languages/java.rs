//! Java: the archives of sources and of test sources as Maven fetches them, under a `pom.xml` made here; tests with Surefire.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::{Place, Prepared, check_hash, words};
use crate::command;

const COPY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
const SUREFIRE: &str = "3.5.2";

pub(super) fn prepare(place: &Place) -> Result<Prepared> {
    let folder = place.once(|into| {
        let package = place.package;
        let sources = [
            ("sources", &package.sha256, "src/main"),
            ("test-sources", &package.tests_sha256, "src/test"),
        ];
        for (kind, sha256, part) in sources {
            let archive = fetch(place, kind)?;
            check_hash(&archive, sha256)?;
            let (java, resources) =
                (into.join(part).join("java"), into.join(part).join("resources"));
            std::fs::create_dir_all(&java)?;
            command::quiet(Command::new("jar").arg("xf").arg(&archive).current_dir(&java))?;
            std::fs::remove_dir_all(java.join("META-INF"))?;
            move_resources(&java, &resources)?;
        }
        std::fs::write(into.join("pom.xml"), pom(place)?)?;
        // Once with the network, so that later runs find their plugins.
        let mut mvn = Command::new("mvn");
        command::quiet(mvn.args(words("-B -q test")).current_dir(into).stdout(Stdio::null()))?;
        std::fs::remove_dir_all(into.join("target"))?;
        Ok(into.to_path_buf())
    })?;
    Ok(Prepared {
        folder,
        path: Vec::new(),
        tests: vec![words("mvn -B -q -o test")],
        env: Vec::new(),
    })
}

/// The archives hold both in one tree; tests open resources by where they lie in a project.
fn move_resources(java: &Path, resources: &Path) -> Result<()> {
    for entry in std::fs::read_dir(java)? {
        let entry = entry?;
        let (from, to) = (entry.path(), resources.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            move_resources(&from, &to)?;
        } else if from.extension().is_none_or(|extension| extension != "java") {
            std::fs::create_dir_all(resources)?;
            std::fs::rename(from, to)?;
        }
    }
    Ok(())
}

fn fetch(place: &Place, kind: &str) -> Result<PathBuf> {
    let package = place.package;
    let artifact = package.name.rsplit(':').next().unwrap_or(&package.name);
    let archive = place.archives.join(format!("{artifact}-{}-{kind}.jar", package.version));
    if !archive.exists() {
        command::quiet(
            Command::new("mvn")
                .args(["-B", "-q", COPY])
                .arg(format!("-Dartifact={}:{}:jar:{kind}", package.name, package.version))
                .arg(format!("-DoutputDirectory={}", place.archives.display()))
                .current_dir(&place.archives),
        )?;
    }
    Ok(archive)
}

/// `requires` of the data file: `group:artifact:version`, and `:compile` where the sources need it too.
fn pom(place: &Place) -> Result<String> {
    let package = place.package;
    let artifact = package.name.rsplit(':').next().context("no artifact")?;
    let mut dependencies = String::new();
    for line in &package.requires {
        let mut parts = line.split(':');
        let mut next = || parts.next();
        let (group, name, version) = (next(), next(), next());
        dependencies.push_str(&format!(
            "    <dependency>\n      <groupId>{}</groupId>\n      <artifactId>{}</artifactId>\n      <version>{}</version>\n      <scope>{}</scope>\n    </dependency>\n",
            group.with_context(|| line.clone())?,
            name.with_context(|| line.clone())?,
            version.with_context(|| line.clone())?,
            next().unwrap_or("test"),
        ));
    }
    Ok(format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>evaluated</groupId>
  <artifactId>{artifact}</artifactId>
  <version>{version}</version>
  <properties>
    <maven.compiler.source>1.8</maven.compiler.source>
    <maven.compiler.target>1.8</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
{dependencies}  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>{SUREFIRE}</version>
      </plugin>
    </plugins>
  </build>
</project>
"#,
        version = package.version,
    ))
}
