# Messages to people. A message has the attributes
#   .sms      at most 70 UTF-16 units with the longest values, and no emoji;
#   .subject  of the mail, without any value that someone typed;
#   .lead     the mail's paragraphs before the code;
#   .rest     those after it.
# A blank line begins a new paragraph.

mail-footer = 此邮件由 Campus 自动发送，请勿回复。
# Of what the settings ask for; says how to stop it.
mail-footer-alert = 此邮件由 Campus 根据您的通知设置自动发送。如不想再收到，请使用邮件应用中的退订按钮，或在 Campus 的通知设置中关闭。请勿回复。

## Verification codes

# What a code is for; $purpose is the word of the API. The first is for an SMS.
purpose-short = { $purpose ->
    [sign_up] 注册
    [sign_in] 登录
    [change_phone] 更换手机号码
    [change_email] 更换邮箱
    [change_password] 修改密码
    [reset_password] 重置密码
    [join_school] 验证学校
    [delete_account] 注销账号
   *[other] 验证身份
}
purpose = { $purpose ->
    [sign_up] 注册
    [sign_in] 登录
    [change_phone] 更换手机号码
    [change_email] 更换电子邮箱
    [change_password] 修改密码
    [reset_password] 重置密码
    [join_school] 验证学校
    [delete_account] 注销账号
   *[other] 验证身份
}

message-verification-code =
    .sms = [Campus] 验证码{ $code }，用于{ purpose-short }，{ $minutes }分钟内有效。请勿告诉他人。
    .subject = [Campus] { purpose }验证码
    .lead = 您正在{ purpose }，请输入以下验证码。
    .rest =
        验证码在{ $minutes }分钟内有效。

        请勿将验证码告诉他人。Campus 不会向您索要验证码。

        如果您没有申请此验证码，请忽略此邮件。

## Links

# By mail only. $wait is how long the link is good.

message-activation-link =
    .subject = [Campus] 请确认您的邮箱地址
    .lead = 欢迎使用Campus。打开此链接即可确认邮箱地址并首次登录。
    .rest =
        链接只能使用一次，{ $wait }内有效。逾期后用户名和昵称可供他人使用，您可以重新注册。

        如果您没有注册，请忽略此邮件。

message-password-reset-link =
    .subject = [Campus] 设置新密码
    .lead = 打开此链接设置新密码。
    .rest =
        链接只能使用一次，{ $wait }内有效。

        如果不是您本人的请求，请忽略此邮件。您的密码不会改变。

## Security of the account

# $days is for how long a deleted account can be taken back.

message-token-reused =
    .sms = [Campus] 登录凭证被重复使用，已将一台设备退出登录。请重新登录。
    .subject = [Campus] 为保护您的账号，已将一台设备退出登录
    .lead = 由于登录凭证被重复使用，您的一台设备已退出登录。可能有人复制了该凭证。
    .rest =
        请在该设备上重新登录。如果您不清楚原因，请修改密码，并结束您不认识的登录。

        您的其他设备仍保持登录状态。

message-new-device =
    .sms = [Campus] 有新设备登录了您的账号。若非本人，请修改密码。
    .subject = [Campus] 有新设备登录了您的账号
    .lead = 有人在一台新设备上登录了您的账号。
    .rest = 如果是您本人，无需任何操作。如果不是，请立即修改密码，其他设备都会退出登录。

message-password-changed =
    .sms = [Campus] 您的密码已修改。若非本人，请立即重设密码。
    .subject = [Campus] 您的密码已修改
    .lead = 您账号的密码已修改，其他设备均已退出登录。
    .rest = 如果不是您本人，请立即在登录页面通过找回密码设置新密码。

message-password-reset =
    .sms = [Campus] 您的密码已重设。若非本人，请立即再次重设。
    .subject = [Campus] 您的密码已重设
    .lead = 您的账号已设置新密码，所有设备均已退出登录。
    .rest = 如果不是您本人，请立即在登录页面通过找回密码再次设置，并检查您的邮箱。

# The old address is told by mail, of the first one a phone by text; with numbers it is the other way round.
message-email-changed =
    .sms = [Campus] 您的账号已添加邮箱地址。若非本人，请修改密码。
    .subject = [Campus] 您的邮箱地址已更改
    .lead = 您账号的邮箱地址已更改，我们不再向此地址发送邮件。
    .rest = 如果不是您本人，请立即登录并修改密码，或与我们联系。

message-phone-changed =
    .sms = [Campus] 您的手机号已更改。若非本人，请修改密码。
    .subject = [Campus] 已添加手机号
    .lead = 您的账号已添加手机号，现在可以用它登录。
    .rest = 如果不是您本人，请立即登录、移除该号码并修改密码，或与我们联系。

message-phone-removed =
    .sms = [Campus] 手机号已从您的账号移除。若非本人，请与我们联系。
    .subject = [Campus] 您的手机号已移除
    .lead = 手机号已从您的账号移除，我们不再向其发送短信。
    .rest = 如果不是您本人，请立即登录并修改密码，或与我们联系。

message-identity-linked =
    .sms = [Campus] 您的账号已关联外部账号。若非本人，请解除关联。
    .subject = [Campus] 已添加新的登录方式
    .lead = 您的账号已关联一个外部账号，现在可以用它登录。
    .rest = 如果不是您本人，请立即登录、解除关联并修改密码，或与我们联系。

message-identity-unlinked =
    .sms = [Campus] 外部账号已解除关联。若非本人，请与我们联系。
    .subject = [Campus] 一种登录方式已移除
    .lead = 您的账号已解除与外部账号的关联，不能再用它登录。
    .rest = 如果不是您本人，请立即登录并检查账号，或与我们联系。

message-deleted =
    .sms = [Campus] 您的账号已删除。如需保留，请在{ $days }天内登录。
    .subject = [Campus] 您的账号已删除
    .lead =
        您的账号已删除，其他人不再能看到它，您也不再收到消息。

        { $days }天后所有内容将彻底消失。
    .rest = 如果您改变主意，或者不是您本人，请在此之前登录，一切都会恢复原样。

message-restored =
    .sms = [Campus] 您已登录，账号已恢复。若非本人，请与我们联系。
    .subject = [Campus] 您的账号已恢复
    .lead = 您已登录，因此账号不会被删除，一切如旧。
    .rest = 如果不是您本人，请立即修改密码。

message-export-requested =
    .sms = [Campus] 有人请求了您的数据副本。若非本人，请修改密码。
    .subject = [Campus] 有人请求了您的数据副本
    .lead = 有人登录您的账号并请求了所有数据的副本。
    .rest = 如果不是您本人，请立即修改密码，其他设备都会退出登录。

## Screenings

# $film is a title, $place a library and perhaps a room, $when a day and a time. A text message has the library alone,
# and both are shortened to fit. A screening's messages also have the attributes
#   .title    of the entry in the inbox, without any value that someone typed;
#   .text     what the entry says.

message-screening-announced =
    .sms = [Campus] 将放映《{ $film }》：{ $when }，{ $place }
    .subject = [Campus] 您想看的电影即将放映
    .lead =
        您想看的电影已安排放映。

        《{ $film }》

        { $when }，{ $place }
    .rest = 安排可能有变。如有变动，我们会按您的通知设置告知您。
    .title = 您想看的电影已安排放映
    .text = 《{ $film }》将放映：{ $when }，{ $place }

message-screening-tomorrow =
    .sms = [Campus] 明天放映《{ $film }》：{ $when }，{ $place }
    .subject = [Campus] 您想看的电影明天放映
    .lead =
        您想看的电影明天放映。

        《{ $film }》

        { $when }，{ $place }
    .rest = 如果您不能来，请将它从想看的电影中移除，我们便不再提醒。
    .title = 您想看的电影明天放映
    .text = 《{ $film }》明天放映：{ $when }，{ $place }

message-screening-soon =
    .sms = [Campus] 即将放映《{ $film }》：{ $when }，{ $place }
    .subject = [Campus] 您想看的电影即将放映
    .lead =
        您想看的电影即将放映。

        《{ $film }》

        { $when }，{ $place }
    .rest = 您可以在通知设置中修改提前多久提醒。
    .title = 您想看的电影即将放映
    .text = 《{ $film }》即将放映：{ $when }，{ $place }

message-screening-moved =
    .sms = [Campus] 放映变更《{ $film }》：{ $when }，{ $place }
    .subject = [Campus] 您想看的电影放映安排有变
    .lead =
        您想看的电影更改了放映时间或地点。

        《{ $film }》

        现安排为：{ $when }，{ $place }
    .rest = 之前告知您的时间和地点不再有效。
    .title = 您想看的电影放映安排有变
    .text = 《{ $film }》更改了时间或地点：{ $when }，{ $place }

message-screening-cancelled =
    .sms = [Campus] 放映取消《{ $film }》：{ $when }，{ $place }
    .subject = [Campus] 您想看的电影放映已取消
    .lead =
        您想看的电影放映已取消。

        《{ $film }》

        原定于：{ $when }，{ $place }
    .rest = 如果该电影再次放映，我们会按您的通知设置告知您。
    .title = 您想看的电影放映已取消
    .text = 《{ $film }》已取消放映：{ $when }，{ $place }
