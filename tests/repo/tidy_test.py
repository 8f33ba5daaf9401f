"""Owns: each rule of tidy catches a small bad sample and lets its good twin pass. A rule that finds
nothing would look exactly like a clean repository."""
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy"))

import edges  # noqa: E402
import heart  # noqa: E402
import lengths  # noqa: E402
import papers  # noqa: E402
import repo  # noqa: E402

HOUSE = {
    "src/base/CMakeLists.txt": "salus_module(base HEART SOURCES a.cc)",
    "src/crypto/CMakeLists.txt": "salus_module(crypto HEART SOURCES a.cc PUBLIC base)",
    "src/state/CMakeLists.txt":
        "# salus_module(state PUBLIC net)\nsalus_module(state HEART SOURCES a.cc\n  PRIVATE crypto)",
    "src/net/CMakeLists.txt": "salus_module(net SOURCES a.cc PUBLIC state PRIVATE OpenSSL::SSL proto)",
}


class Edges(unittest.TestCase):
    def findings(self, files):
        return edges.check({**HOUSE, **files})

    def test_an_edge_that_no_target_declares_is_found_with_its_line(self):
        found = self.findings({"src/base/a.cc": '// Owns: x\n#include "crypto/hash.h"\n'})
        self.assertEqual([(f.path, f.line) for f in found], [("src/base/a.cc", 2)])
        self.assertIn("belongs to crypto", found[0].sentence)

    def test_declared_edges_pass_and_public_ones_come_along(self):
        self.assertEqual(self.findings({
            "src/state/a.cc": '#include "crypto/hash.h"\n#include "base/bytes.h"\n'
                              '#include "state/b.h"\n#include <vector>\n',
        }), [])

    def test_a_private_dependency_does_not_come_along(self):
        self.assertEqual(len(self.findings({"src/net/a.cc": '#include "crypto/hash.h"\n'})), 1)

    def test_an_include_in_a_comment_is_no_edge(self):
        self.assertEqual(self.findings({"src/base/a.cc": '// #include "crypto/hash.h"\n'}), [])

    def test_messages_stubs_and_the_client_library_are_folders_too(self):
        message = {"src/net/a.cc": '#include "salus/v1/tx.pb.h"\n#include <google/any.pb.h>\n'}
        self.assertEqual(self.findings(message), [])
        for include in ("salus/v1/tx.grpc.pb.h", "salus/client.h"):
            self.assertEqual(len(self.findings({"src/net/a.cc": f'#include "{include}"\n'})), 1, include)

    def test_a_declared_edge_that_points_up_is_found(self):
        found = self.findings(
            {"src/crypto/CMakeLists.txt": "salus_module(crypto SOURCES a.cc PRIVATE net)"})
        self.assertEqual([f.path for f in found], ["src/crypto/CMakeLists.txt"])


class Heart(unittest.TestCase):
    BAD = {
        "an exception": ["throw 1;", "try {", "} catch (...) {"],
        "std::chrono": ["std::chrono::steady_clock::now();", "#include <chrono>"],
        "the machine's clock": ["auto t = time(nullptr);", "std::time(&t);", "clock();",
                                "clock_gettime(id, &t);"],
        "chance": ["rand();", "std::srand(1);", "#include <random>", "std::mt19937_64 engine;"],
        "a floating-point type": ["double x;", "float f(int);"],
        "an unordered container": ["std::unordered_map<A, B> m;", "unordered_set<A> s;"],
        "an order of pointers": ["std::map<Account*, Amount> m;", "std::set<const dao::A *> s;"],
        "shared ownership": ["std::shared_ptr<A> a;", "std::make_shared<A>();"],
        "a thread or lock": ["std::thread t;", "std::mutex m;", "std::atomic<int> a;",
                             "#include <atomic>", "thread_local int i;"],
        "std::hash": ["std::hash<A>{}(a);"],
        "a locale": ["std::locale l;", "setlocale(LC_ALL, 0);", "#include <locale>"],
        "input or output": ["#include <fstream>", "std::cout << 1;"],
        "a library of the outer house": ["#include <boost/asio.hpp>", "#include <rocksdb/db.h>"],
    }

    def test_each_banned_construct_is_found_in_each_folder_of_the_heart(self):
        for name, samples in self.BAD.items():
            for sample in samples:
                for folder in sorted(heart.FOLDERS):
                    path = f"src/{folder}/a.cc"
                    found = heart.check_banned({path: f"// Owns: x\n{sample}\n"})
                    self.assertTrue(found, sample)
                    self.assertEqual({(f.path, f.line) for f in found}, {(path, 2)}, sample)
                    self.assertTrue(any(f.sentence.startswith(name) for f in found), sample)

    def test_every_ban_has_a_sample_here(self):
        self.assertEqual({name for _, name, _ in heart.BANNED}, set(self.BAD))

    def test_a_wrapper_may_hold_what_it_wraps_and_nothing_else(self):
        for path, wrapped in heart.WRAPPERS.items():
            for name, samples in self.BAD.items():
                for sample in samples:
                    found = heart.check_banned({path: sample})
                    self.assertEqual(found == [], name == wrapped, sample)

    def test_outside_the_heart_the_same_lines_pass(self):
        for samples in self.BAD.values():
            for sample in samples:
                self.assertEqual(heart.check_banned({"src/net/a.cc": sample}), [])

    def test_prose_literals_and_own_names_are_not_constructs(self):
        for sample in ("// never throw, no double, no std::thread", 'f("catch a float");',
                       "/* time(nullptr)\n rand() */", "Height time() const;", "header.time(0);",
                       "map.try_emplace(key);", "std::map<AccountId, Amount> payouts;",
                       "Amount brand(int);", "bool rethrown = doubled;", "auto x = 1'000'000;"):
            self.assertEqual(heart.check_banned({"src/dao/a.cc": sample}), [], sample)

    def test_an_interface_class_is_found_outside_the_seams(self):
        text = "// Owns: x\nstruct A {\n  virtual ~A() = default;\n  virtual void f(\n      int a) = 0;\n};\n"
        found = heart.check_interfaces({"src/net/a.h": text})
        self.assertEqual([f.line for f in found], [4])
        self.assertEqual(heart.check_interfaces({"src/base/seams/a.h": text}), [])


class Papers(unittest.TestCase):
    def test_a_file_that_does_not_say_what_it_owns_is_found(self):
        for path in ("src/net/a.cc", "tests/net/a.cc", "bench/a.cc"):
            self.assertEqual(len(papers.check_openings({path: "#include <vector>\n"})), 1, path)
            self.assertEqual(papers.check_openings({path: "// Owns: a rule.\n"}), [], path)
        for path in ("scripts/a", ".ci/run"):
            self.assertEqual(len(papers.check_openings({path: "#!/bin/sh\nset -e\n"})), 1, path)
            self.assertEqual(papers.check_openings({path: "#!/bin/sh\n# Runs a.\n"}), [], path)
        self.assertEqual(len(papers.check_openings({"proto/a.proto": 'syntax = "proto3";\n'})), 1)
        self.assertEqual(papers.check_openings({"proto/a.proto": "// Owns: a.\n"}), [])

    def test_a_header_that_can_be_included_twice_is_found(self):
        self.assertEqual(len(papers.check_openings({"src/net/a.h": "// Owns: x\nint a;\n"})), 1)
        self.assertEqual(papers.check_openings({"src/net/a.h": "// Owns: x\n#pragma once\n"}), [])

    def test_each_proto_part_without_a_comment_is_found(self):
        text = "\n".join([
            "// Owns: x", "", "message A {", "  uint64 b = 1;", "  oneof c {", "    D d = 2;",
            "    // Good.", "    map<string, E> e = 3;", "  }", "}", "",
            "// Good.", "service S {", "  rpc F(G) returns (H);", "}", "",
            "enum Free {", "  FREE_UNSPECIFIED = 0;", "}", "// Good.", "message I {}"])
        found = papers.check_proto({"proto/a.proto": text})
        self.assertEqual([f.sentence.split(" has")[0] for f in found],
                         ["message A", "field b", "field d", "rpc F"])
        self.assertEqual([f.line for f in found], [3, 4, 6, 14])

    def test_a_folder_without_a_readme_is_found(self):
        found = papers.check_readmes({"src/net/a.cc": "", "src/dao/b.cc": "", "src/dao/README.md": ""})
        self.assertEqual([f.path for f in found], ["src/net/README.md"])

    def test_a_promise_without_an_issue_is_found(self):
        for bad in ("// TODO: later", "# TODO(mira): later", "// FIXME", "// FIXME(#3)"):
            self.assertEqual(len(papers.check_promises({"src/net/a.cc": bad})), 1, bad)
        for good in ("// TODO(#12): later", "// TODO #12", "// a method"):
            self.assertEqual(papers.check_promises({"src/net/a.cc": good}), [], good)

    def test_a_path_of_one_machine_is_found_anywhere(self):
        for bad in ("see /home/mira/x", 'f("/root/.cache")', "C:\\Users\\mira", "=/work/main"):
            self.assertEqual(len(papers.check_places({"docs/a.md": bad})), 1, bad)
        for good in ("ProtectHome=true", "a/home/b", "https://example.org/work/x", "$dir/root/x",
                     "/var/lib/salus", "/home"):
            self.assertEqual(papers.check_places({"docs/a.md": good}), [], good)

    def test_the_host_of_a_registry_is_found_anywhere(self):
        for bad in ("http://deb.debian.org/debian", "pip -i https://PyPI.org/simple",
                    "artifactory.example.org", "apt.svc.cluster.local"):
            self.assertEqual(len(papers.check_places({"scripts/a": bad})), 1, bad)
        self.assertEqual(papers.check_places({"scripts/a": "github.com/x debian:12"}), [])

    def test_what_a_tool_makes_is_found(self):
        for bad in ("src/a.pb.h", "a/__pycache__/b.pyc", "build/dev/x", "compile_commands.json"):
            self.assertEqual(len(papers.check_generated({bad: ""})), 1, bad)
        generated = "// Generated by the protocol buffer compiler.  DO NOT EDIT!\n"
        self.assertEqual(len(papers.check_generated({"src/a.cc": generated})), 1)
        self.assertEqual(papers.check_generated({"src/a.cc": "// Owns: generated ids.\n"}), [])


class Lengths(unittest.TestCase):
    def test_the_longest_come_first_and_never_fail(self):
        text = "namespace a {\nint f(int b) {\n  if (b) {\n    return 1;\n  }\n  return 2;\n}\n}\n"
        found = lengths.functions_of("src/a.cc", text)
        self.assertEqual([(f.lines, f.line, f.name) for f in found], [(6, 2, "f")])
        report = lengths.report({"src/a.cc": text, "src/b.cc": "\n" * 30})
        self.assertLess(report.index("src/b.cc"), report.index("src/a.cc"))


class Repo(unittest.TestCase):
    def test_a_checkout_lists_what_git_knows_and_a_plain_folder_is_walked(self):
        with tempfile.TemporaryDirectory() as root:
            for name in ("known.txt", "unknown.txt", "build/made.txt"):
                os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
                with open(os.path.join(root, name), "w", encoding="utf-8") as file:
                    file.write(name)
            self.assertEqual(set(repo.read(root)), {"known.txt", "unknown.txt"})
            try:
                subprocess.run(["git", "-C", root, "init", "--quiet"], check=True)
                subprocess.run(["git", "-C", root, "add", "known.txt"], check=True)
            except OSError:
                return  # No git here: walking, checked above, is all there is.
            self.assertEqual(set(repo.read(root)), {"known.txt"})

    def test_blanking_keeps_lines_and_includes(self):
        text = '#include "a/b.h"  // c\nf("d", \'"\');\n/* e\n*/ g();\nR"(h\n)";\n'
        code = repo.code_of(text)
        self.assertEqual(code.count("\n"), text.count("\n"))
        self.assertIn('"a/b.h"', code)
        for word in ("c", "d", "e", "h"):
            self.assertNotRegex(code.replace('#include "a/b.h"', ""), word)

    def test_a_finding_fails_the_run_and_says_where(self):
        tidy = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy")
        with tempfile.TemporaryDirectory() as root:
            os.makedirs(os.path.join(root, "src/dao"))
            for name, text in (("README.md", "Dao.\n"), ("a.cc", "// Owns: a.\nint a;\n")):
                with open(os.path.join(root, "src/dao", name), "w", encoding="utf-8") as file:
                    file.write(text)
            run = subprocess.run([sys.executable, "-B", tidy, root], stdout=subprocess.PIPE, check=False)
            self.assertEqual(run.returncode, 0, run.stdout.decode())
            with open(os.path.join(root, "src/dao/a.cc"), "a", encoding="utf-8") as file:
                file.write("double b;\n")
            run = subprocess.run([sys.executable, "-B", tidy, root], stdout=subprocess.PIPE, check=False)
            self.assertEqual(run.returncode, 1)
            self.assertIn("src/dao/a.cc:3: a floating-point type", run.stdout.decode())


if __name__ == "__main__":
    unittest.main()
