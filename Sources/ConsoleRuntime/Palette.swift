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

  static func define(colors: Int, _ theme: [Role: Preferences.Style]) {
    for role in Role.allCases {
      if let chosen = theme[role] {
        define(role, chosen, colors: colors)
        continue
      }
      let (foreground, background, attributes) = style(role, colored: colors >= 8)
      ct_style(Int32(role.rawValue), foreground.rawValue, background.rawValue, attributes)
    }
  }

  /// A style of the operator's; colours that the terminal has not are left to its own.
  private static func define(_ role: Role, _ style: Preferences.Style, colors: Int) {
    var attributes: Int32 = 0
    if style.bold { attributes |= Int32(CT_BOLD.rawValue) }
    if style.dim { attributes |= Int32(CT_DIM.rawValue) }
    if style.reverse { attributes |= Int32(CT_REVERSE.rawValue) }
    if style.underline { attributes |= Int32(CT_UNDERLINE.rawValue) }
    func known(_ color: Int) -> Int32 { color < colors ? Int32(color) : -1 }
    ct_style(
      Int32(role.rawValue), known(style.foreground), known(style.background), attributes)
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
