/** Providers of mailboxes for everybody: an address there says nothing about the company. */

export const PUBLIC_MAIL: ReadonlySet<string> = new Set(
  (
    'gmail.com googlemail.com outlook.com outlook.de outlook.fr outlook.es outlook.it hotmail.com hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.co.uk ' +
    'live.com live.de live.fr live.nl live.co.uk live.at live.be msn.com passport.com yahoo.com yahoo.de yahoo.fr yahoo.it yahoo.es yahoo.co.uk yahoo.co.jp ' +
    'yahoo.co.in yahoo.in yahoo.ca yahoo.com.au yahoo.com.br yahoo.com.mx ymail.com rocketmail.com aol.com aol.de aim.com icloud.com me.com mac.com proton.me ' +
    'protonmail.com protonmail.ch pm.me tutanota.com tutanota.de tuta.io tuta.com mailbox.org posteo.de posteo.net fastmail.com fastmail.fm hushmail.com zoho.com ' +
    'zohomail.com mail.com email.com gmx.com gmx.net gmx.de gmx.at gmx.ch web.de freenet.de t-online.de arcor.de 1und1.de online.de kabelmail.de bluewin.ch ' +
    'sunrise.ch hispeed.ch swissonline.ch aon.at chello.at a1.net orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr libero.it virgilio.it tiscali.it ' +
    'alice.it tin.it email.it telefonica.net terra.es ono.com sapo.pt ziggo.nl kpnmail.nl xs4all.nl hetnet.nl planet.nl home.nl telenet.be skynet.be proximus.be ' +
    'btinternet.com btopenworld.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk eircom.net comcast.net verizon.net att.net sbcglobal.net ' +
    'bellsouth.net cox.net charter.net earthlink.net juno.com optonline.net roadrunner.com rogers.com shaw.ca sympatico.ca telus.net bigpond.com optusnet.com.au ' +
    'xtra.co.nz mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net i.ua seznam.cz email.cz centrum.cz post.cz azet.sk wp.pl onet.pl o2.pl ' +
    'interia.pl gazeta.pl op.pl freemail.hu citromail.hu abv.bg mail.bg telia.com spray.se bredband.net online.no suomi24.fi luukku.com mail.dk jubii.dk qq.com 163.com 126.com ' +
    'yeah.net sina.com sina.cn sohu.com foxmail.com aliyun.com naver.com daum.net hanmail.net nate.com docomo.ne.jp ezweb.ne.jp softbank.ne.jp rediffmail.com ' +
    'uol.com.br bol.com.br terra.com.br ig.com.br walla.co.il walla.com mailinator.com guerrillamail.com 10minutemail.com'
  ).split(' '),
)
