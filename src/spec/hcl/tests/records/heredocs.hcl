plain = <<EOT
  as   it   is
	tab
EOT
indented   =   <<-EOT
    four
      six
    EOT
with_template = <<-END
  ${ a } and ${b}${c}
  %{ if x }yes%{ else }no%{ endif }
  %{~ for y in ys ~}
    ${ y.name }
  %{ endfor }
  escaped: $${x} %%{y} \n
END
short = 1
nested = f(<<A
x
A
, <<B
y
B
)
list = [<<X
1
X
,
  2]
object = {
  key = <<-K
  v
  K
  other_key = 1
}
block {
      body = <<-JSON
        {
          "a": [1, 2],
          "b": "${ var.b }"
        }
      JSON
  after = true
}
longer_name_than_before = 1
EOT = 2
