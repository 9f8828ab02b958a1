import DiskQueueTesting
import Foundation
import SystemPackage
import Testing

extension Scenarios {
  @Test func `watching takes no lock and opens nothing for writing`() async throws {
    try await withConsole(over: "nsqd-clean", ["--interval", "0.1"]) { console, directory in
      try await console.at("orders:audit")
      try await console.press("m")
      try await console.see("90 messages at")
      // As nsqd takes it at its start.
      let lock = try await Program.run("flock", ["-n", "-x", directory.path.string, "true"])
      #expect(lock.code == 0)
      let process = try await console.process()
      for entry in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") {
        let target = try? FileManager.default.destinationOfSymbolicLink(
          atPath: "/proc/\(process)/fd/\(entry)")
        guard target?.hasPrefix(directory.path.string) == true else { continue }
        let info = try String(contentsOfFile: "/proc/\(process)/fdinfo/\(entry)", encoding: .utf8)
        let flags = info.split(separator: "\n").first { $0.hasPrefix("flags:") } ?? ""
        // The last octal digit is the access mode: 0 only reads.
        #expect(flags.last == "0", "\(target ?? "")")
      }
      #expect(!FileManager.default.fileExists(atPath: directory.path.string + "/.diskq"))
    }
  }

  @Test func `a directory's owner is seen, named, and in the way of acts`() async throws {
    try await withConsole(over: "nsqd-clean", ["--write", "--interval", "0.1"]) {
      console, directory in
      try await console.at("orders:audit")
      // Held until this has been seen, however long that takes.
      let mark = directory.path.string + "/.release"
      let wait = "until [ -e '\(mark)' ]; do sleep 0.05; done"
      async let holder = Program.run("flock", ["-x", directory.path.string, "sh", "-c", wait])
      try await console.see("owner flock", "(flock)")
      try await console.press("X")
      try await console.see("stop it first")
      try Data().write(to: URL(fileURLWithPath: mark))
      _ = try await holder
      try await console.seeNo("owner flock")
      try await console.press("L")
      try await console.see("has the directory", "is gone")
    }
  }

  @Test func `a job runs beside the screen, and ^C stops it with nothing lost`() async throws {
    try await withConsole(over: "clean-rolled", ["--write", "--queue", "jobs"]) {
      console, directory in
      try await console.press(":")
      try await console.type("exec sleep 600")
      try await console.press("Enter")
      try await console.see("to apply:")
      try await console.type("jobs")
      try await console.press("Enter")
      try await console.see("^C stops")
      try await console.press("2")
      try await console.see("[Segments]", "^C stops")
      try await console.press("X")
      try await console.see("[Segments]")
      try await console.press("C-c")
      try await console.see("was stopped")
      #expect(try messages(of: "jobs", in: directory).count == 40)
    }
  }

  @Test func `a stalled queue, a .bad file and a peak are told`() async throws {
    let directory = try Fixture("clean-rolled").copy()
    let home = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: home.path.string + "/diskq", withIntermediateDirectories: true)
    try Data("[thresholds]\nstall = 1\n".utf8).write(
      to: URL(fileURLWithPath: home.path.string + "/diskq/config.toml"))
    try await withConsole(
      in: directory, environment: ["XDG_CONFIG_HOME": home.path.string], ["--interval", "0.1"]
    ) { console in
      try await console.see("jobs not read for")
      try Data([1, 2, 3]).write(
        to: URL(fileURLWithPath: directory.path.string + "/jobs.diskqueue.000000.dat.bad"))
      try await console.see("BAD 1")
      try await console.press("L")
      try await console.see("BAD    jobs", "000000.dat became .bad")
    }
  }
}
