import DiskQueueTesting
import SystemPackage

/// Runs a script in which `D` is a directory of its own and `diskq` the real binary.
func shell(_ script: String, in directory: TemporaryDirectory, _ program: String = "sh")
  async throws -> Program.Outcome
{
  let path = directory.path.string
  return try await Program.run(
    "timeout",
    ["120", program, "-c", "D='\(path)'\ndiskq() { '\(Program.diskq)' \"$@\"; }\n" + script])
}
