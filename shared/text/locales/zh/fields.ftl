# What is wrong with one field. Message ids are `field-` and the code with dashes; the variables are
# the bounds of that variant of `campus_domain::Invalid`.

# Stands in for a code that has no text here.
field-unknown = 请检查此项内容。

field-required = 请填写此项。
field-null-not-allowed = 此项不能为空。
field-wrong-type = 此项的值类型不正确。
field-repeated = 此项重复出现，请只发送一次。
field-unknown-value = 此项的值不在可选范围内。
field-too-short = 请至少输入{ $min }个字符。
field-too-long = 最多可输入{ $max }个字符。
field-too-many = 最多只能有 { $max } 个。
field-out-of-range = 请输入{ $min }到{ $max }之间的数字。
field-character-not-allowed = 包含不允许使用的字符。请删除后重试。
field-reserved = 此名称为保留名称。请选择其他名称。
field-phone-invalid = 请输入有效的电话号码。
field-phone-country-not-allowed = 无法向该国家或地区的号码发送消息。请使用其他号码。
field-phone-not-for-tests = 此环境只向已登记的号码发送消息。请使用已登记的号码。
field-phone-not-mobile = 请输入手机号码。
field-email-invalid = 请输入有效的电子邮箱地址。
field-login-invalid = 请输入用户名、手机号码或电子邮箱地址。
field-domain-format = 请输入 campus.example 这样的域名，不要包含 @。
field-code-format = 请输入六位数字的验证码。
field-password-too-common = 此密码容易被猜到。请选择更长或更少见的密码。
field-password-contains-name = 密码中请勿包含用户名、手机号码或电子邮箱。
field-password-mismatch = 两次输入的密码不一致。请输入相同的密码。
field-terms-not-accepted = 请先同意服务条款。
field-time-zone-unknown = 无法识别此时区。请选择时区，例如 Asia/Seoul。
field-time-format = 请输入 09:30 这样的时间。
field-instant-format = 请输入 2026-11-20T09:00:00Z 这样的时间。
field-moment-format = 请输入时间，例如 2026-11-20T09:00:00Z，或日期，例如 2026-11-20。
field-ends-before-start = 结束时间必须晚于开始时间。
field-nothing-between = 开始和结束时间相同。请输入两个不同的时间。
field-locale-unknown = 请选择韩语（ko）、英语（en）或简体中文（zh）。
field-id-format = 此 ID 无效。请检查后重试。
field-url-format = 请输入完整的网址，例如 https://library.example。
field-school-unknown = 没有找到此学校。请从列表中选择。
field-library-unknown = 没有找到此图书馆。请从列表中选择。
field-film-unknown = 没有找到此影片。请从列表中选择。
field-proof-required = 请用验证码验证您的手机号码或电子邮箱。
field-channel-not-for-purpose = 此用途的验证码不能以这种方式发送。
field-target-not-own = 请输入您账号中已验证的手机号或邮箱地址。
field-one-needed = 请只填写其中一项。
field-past = 此时间已过。
