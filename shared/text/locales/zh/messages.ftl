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

## Security of the account

message-token-reused =
    .sms = [Campus] 登录凭证被重复使用，已将一台设备退出登录。请重新登录。
    .subject = [Campus] 为保护您的账号，已将一台设备退出登录
    .lead = 由于登录凭证被重复使用，您的一台设备已退出登录。可能有人复制了该凭证。
    .rest =
        请在该设备上重新登录。如果您不清楚原因，请修改密码，并结束您不认识的登录。

        您的其他设备仍保持登录状态。

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
    .subject = [Campus] 您想看的电影马上开始
    .lead =
        您想看的电影马上开始。

        《{ $film }》

        { $when }，{ $place }
    .rest = 您可以在通知设置中修改提前多久提醒。
    .title = 您想看的电影马上开始
    .text = 《{ $film }》马上开始：{ $when }，{ $place }

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
