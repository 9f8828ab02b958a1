import CTerminal
import QueueConsole

/// What each role looks like.
///
/// Colour is never the only sign: attributes tell the same in mono.
enum Palette {
  private enum Color: Int32 {
    case own = -1
    case black, red, green, yellow, blue, magenta, cyan, white
  }

  static func define(colors: Int) {
    for role in Role.allCases {
      let (foreground, background, attributes) = style(role, colored: colors >= 8)
      ct_style(Int32(role.rawValue), foreground.rawValue, background.rawValue, attributes)
    }
  }

  private static func style(_ role: Role, colored: Bool) -> (Color, Color, Int32) {
    let bold = Int32(CT_BOLD.rawValue)
    let dim = Int32(CT_DIM.rawValue)
    let reverse = Int32(CT_REVERSE.rawValue)
    let underline = Int32(CT_UNDERLINE.rawValue)
    guard colored else {
      return switch role {
      case .normal, .read, .good: (.own, .own, 0)
      case .dim: (.own, .own, dim)
      case .title, .selected: (.own, .own, reverse)
      case .header, .input: (.own, .own, underline)
      case .warning, .accent, .unread: (.own, .own, bold)
      case .error, .bad: (.own, .own, bold | reverse)
      }
    }
    return switch role {
    case .normal: (.own, .own, 0)
    case .dim: (.own, .own, dim)
    case .title: (.black, .cyan, 0)
    case .header: (.own, .own, bold | underline)
    case .selected: (.own, .own, reverse)
    case .good: (.green, .own, 0)
    case .warning: (.yellow, .own, bold)
    case .error: (.red, .own, bold)
    case .accent: (.cyan, .own, bold)
    case .input: (.own, .own, underline)
    case .read: (.green, .own, 0)
    case .unread: (.own, .own, bold)
    case .bad: (.magenta, .own, bold)
    }
  }
}
