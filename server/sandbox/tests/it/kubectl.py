"""Stands in for kubectl and a cluster of one machine: pods are containers of Podman.

Usage: kubectl.py STATE PODMAN ARG...; STATE is a folder. It answers as kubectl does, as far as the sandbox asks.
"""

import json
import os
import subprocess
import sys

state, podman, *args = sys.argv[1:]
while args[0] in ("--context", "--namespace"):
    del args[:2]
with open(os.path.join(state, "calls"), "a") as calls:
    calls.write(" ".join(args) + "\n")


def path(name):
    return os.path.join(state, name + ".json")


def run(*words):
    done = subprocess.run([podman, *words], capture_output=True, text=True)
    if done.returncode:
        sys.exit("Error from server: " + done.stderr)
    return done.stdout


def create(job):
    name, pod = job["metadata"]["name"], job["spec"]["template"]["spec"]
    container, security = pod["containers"][0], pod["securityContext"]
    words = ["run", "--detach", "--name", name, "--network", "none", "--pull", "never", "--read-only"]
    words += ["--cap-drop", "ALL", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"]
    words += ["--user", "{runAsUser}:{runAsGroup}".format(**security)]
    sizes = {volume["name"]: volume["emptyDir"]["sizeLimit"] for volume in pod["volumes"]}
    for mount in container["volumeMounts"]:
        words += ["--mount", 'type=tmpfs,"destination={}",tmpfs-mode=1777,tmpfs-size={}'.format(
            mount["mountPath"], sizes[mount["name"]])]
    for variable in container["env"]:
        words += ["--env", variable["name"] + "=" + variable["value"].replace("$$(", "$(")]
    run(*words, container["image"], *container["command"])
    with open(path(name), "w") as file:
        json.dump(job, file)


def pods(name):
    if not os.path.exists(path(name)):
        return []
    running = json.loads(run("inspect", "--format", "{{json .State}}", name))["Running"]
    status = {"phase": "Running", "containerStatuses": [{"state": {"running": {}}}]} if running else {"phase": "Failed"}
    return [{"metadata": {"name": name}, "status": status}]


if args[:2] == ["auth", "can-i"]:
    denied = os.path.exists(os.path.join(state, "denied")) and args[3] == "pods/exec"
    print("no" if denied else "yes")
    sys.exit(1 if denied else 0)
if args[0] == "create":
    policy, job = json.load(sys.stdin)["items"]
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= job["spec"]["template"]["metadata"]["labels"].items()
    create(job)
elif args[:2] == ["get", "pods"]:
    print(json.dumps({"items": pods(args[3].removeprefix("baton.job="))}))
elif args[0] == "get":
    names = [name for name in os.listdir(state) if name.endswith(".json")]
    print(json.dumps({"items": [json.load(open(os.path.join(state, name))) for name in names]}))
elif args[0] == "exec":
    pod, command = args[3], args[args.index("--") + 1:]
    done = subprocess.run([podman, "exec", "--interactive", pod, *command])
    if done.returncode:
        sys.stderr.write(f"command terminated with exit code {done.returncode}\n")
    sys.exit(done.returncode)
elif args[:2] == ["delete", "pod"]:
    run("kill", args[2])
elif args[0] == "delete":
    name = args[2]
    if os.path.exists(path(name)):
        run("rm", "--force", "--volumes", "--time", "0", name)
        os.remove(path(name))
else:
    sys.exit("error: unknown command " + args[0])
