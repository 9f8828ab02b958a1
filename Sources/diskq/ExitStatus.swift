import ArgumentParser
import DiskQueue
import SystemPackage

/// One meaning per number, as the command-line contract fixes them.
///
/// Wrong usage, 64, is ArgumentParser's own.
enum ExitStatus: Int32 {
  case done = 0
  case failed = 1
  case damage = 2
  case inUse = 3
  case nothingThere = 4
  case refused = 5
  case usage = 64

  /// The status for an error of the library.
  init(_ error: DiskQueueError) {
    self =
      switch error.code {
      case .invalidName, .invalidOption: .usage
      // A format that cannot carry a message was the wrong one to ask for.
      case .refused where error.cause == .illegalByteSequence: .usage
      case .notFound: .nothingThere
      case .inUse: .inUse
      case .ownerUnknown, .messageSize, .refused, .planVoid, .queueFull: .refused
      case .noSpace, .permissionDenied, .inputOutput, .damaged, .closed, .syncFailed: .failed
      }
  }

  var code: ExitCode { ExitCode(rawValue) }
}
