package import DiskQueue

/// A ``ProcessTable`` that says what a test wants.
package struct FakeProcesses: ProcessTable {
  package var held: [HeldLock] = []
  package var open = OpenFiles()
  package var commands: [Int32: String] = [:]

  package init() {}

  package func locks() -> [HeldLock] { held }
  package func openQueueFiles() -> OpenFiles { open }
  package func command(of process: Int32) -> String? { commands[process] }
}
