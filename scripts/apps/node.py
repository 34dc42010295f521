"""node-rdkafka and @confluentinc/kafka-javascript from npm, over librdkafka++, which is compiled from the package's own source
against our header and library."""
import json
import os
import pathlib
import shutil

from clusters import ROOT, Failure
from harness import App, quiet

SCRIPT = ROOT / "scripts" / "apps" / "node" / "produce.js"


class Node(App):
    needs = ("node", "npm", "c++", "make")

    def prepare(self, kit):
        self.work = kit.cache(self.name)
        module = self.work / "node_modules" / self.package
        if not module.exists():
            quiet(["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", self.work, self.package, "node-gyp"],
                  600, cwd=self.work)
        librdkafka_cpp(kit, module / "deps" / "librdkafka" / "src-cpp", self.work)
        if not list((module / "build" / "Release").glob("*.node")):
            self.build(kit, module)
        shutil.copy(SCRIPT, self.work / "produce.js")
        return json.loads((module / "package.json").read_text())["version"].lstrip("v")

    def build(self, kit, module):
        """As a user would who has librdkafka installed: BUILD_LIBRDKAFKA=0, the headers of node from the system."""
        headers = [path for path in ("/usr", "/usr/local") if pathlib.Path(path, "include/node/node.h").exists()]
        if not headers:
            raise Failure("node's headers are missing (apt-get install libnode-dev)")
        flags = f"-I{kit.include}/librdkafka -I{self.work}/include"
        # In CXX, as it comes before the system's own /usr/include/librdkafka, which binding.gyp names.
        environment = kit.environment(BUILD_LIBRDKAFKA="0", CXX=f"c++ {flags}", LDFLAGS=f"-L{kit.lib} -L{self.work}/lib",
                                      JOBS="2", npm_config_nodedir=headers[0])
        quiet([self.work / "node_modules/.bin/node-gyp", "rebuild", f"--nodedir={headers[0]}"], 1500, cwd=module, env=environment)

    def produce(self, run):
        run.feed(["node", self.work / "produce.js", self.package, run.bootstrap, run.topic, run.mode],
                 LD_LIBRARY_PATH=f"{run.kit.lib}:{self.work}/lib")
        wrappers = [path for path in run.programs[0].mapped if os.path.basename(path).startswith("librdkafka++")]
        if wrappers != [str(self.work / "lib" / "librdkafka++.so.1")]:
            raise Failure(f"not the librdkafka++ that was built on ours: {wrappers}")


def librdkafka_cpp(kit, sources, work):
    """librdkafka++.so.1 in work/lib and its header in work/include, linked to ours."""
    (work / "lib").mkdir(exist_ok=True)
    (work / "include").mkdir(exist_ok=True)
    shutil.copy(sources / "rdkafkacpp.h", work / "include")
    built = work / "lib" / "librdkafka++.so.1"
    if built.exists():
        return
    # Its sources include "../src/rdkafka.h" and the like, which must be our header.
    tree = work / "src-tree"
    shutil.rmtree(tree, ignore_errors=True)
    shutil.copytree(sources, tree / "src-cpp")
    (tree / "src").mkdir()
    (tree / "config.h").touch()  # what its configure would write
    for header in (kit.include / "librdkafka").glob("*.h"):
        shutil.copy(header, tree / "src")
    quiet(["c++", "-std=c++17", "-O1", "-shared", "-fPIC", "-Wl,-soname,librdkafka++.so.1", "-o", built,
           *sorted((tree / "src-cpp").glob("*.cpp")), f"-I{tree}/src", f"-L{kit.lib}", "-lrdkafka"], 600)
    (work / "lib" / "librdkafka++.so").unlink(missing_ok=True)
    os.symlink(built.name, work / "lib" / "librdkafka++.so")


class NodeRdkafka(Node):
    name, title = "node-rdkafka", "node-rdkafka (over librdkafka++)"
    package = "node-rdkafka"
    modes = ("Producer", "Producer idempotent", "HighLevelProducer", "stream idempotent")


class KafkaJavascript(Node):
    name, title = "kafka-javascript", "@confluentinc/kafka-javascript (over librdkafka++)"
    package = "@confluentinc/kafka-javascript"
    modes = ("Producer", "Producer idempotent", "HighLevelProducer", "KafkaJS", "KafkaJS idempotent")
