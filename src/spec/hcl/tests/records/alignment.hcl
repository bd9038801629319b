a = 1
bbb = 2

cc = 3
dddd = {
  e = 1
}
f = 4
ggg = [
]
h = 5
iiiii = "${x}"   # trailing
j = 6
é = 1 # one
名前 = 2 # two
